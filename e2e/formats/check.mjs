// Checks exported documents: CSAF with @secvisogram/csaf-validator-lib (schema, mandatory tests; what is
// only recommended is counted) and with the JSON schemas of the standards, OSV with its JSON schema.
// The schemas are third-party data that the repository does not hold: without them, "skipped: …".

import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const data = path.join(here, '../../../shared/data')
const out = path.resolve(process.argv[2] ?? path.join(here, 'out'))
const rows = []
const findings = []
const skipped = new Set()

async function load(name) {
  try {
    return await import(name)
  } catch (error) {
    skipped.add(`${name} cannot be loaded (${error.code ?? error.message})`)
    return null
  }
}

function documents(folder) {
  const at = path.join(out, folder)
  if (!fs.existsSync(at)) return []
  return fs
    .readdirSync(at)
    .sort()
    .map((name) => ({ name, value: JSON.parse(fs.readFileSync(path.join(at, name), 'utf8')) }))
}

function record(folder, name, check, errors, advice) {
  rows.push([folder, name, check, errors.length === 0 ? 'valid' : 'INVALID', advice ?? ''])
  for (const error of errors) findings.push(`${folder}/${name} (${check}): ${error}`)
}

const LIB = '@secvisogram/csaf-validator-lib'
// Known fault of csaf-validator-lib 2.0.10: its test 6.1.26 is that of 2.0 and refuses the two categories
// that 2.1 added, for which the same library has tests 6.1.27.14 to 6.1.27.19.
const isValidatorsFault = (folder, document, test) =>
  folder === 'csaf-2.1' &&
  test === 'mandatoryTest_6_1_26' &&
  ['csaf_withdrawn', 'csaf_superseded'].includes(document.document.category)
const setAside = new Set()
const told = (list, test) => list.map((one) => `${test} ${one.instancePath} ${one.message}`)

async function csafLib(folder, basic, advised) {
  const [validate, tests, more] = [await load(`${LIB}/validate.js`), await load(basic), await load(advised)]
  if (!validate || !tests) return
  for (const { name, value } of documents(folder)) {
    const result = await validate.default(Object.values(tests), value)
    const faulty = result.tests.filter((test) => test.errors.length > 0 && isValidatorsFault(folder, value, test.name))
    for (const test of faulty) setAside.add(`${folder}/${name} ${test.name}: a fault of the validator`)
    const errors = result.tests
      .filter((test) => !faulty.includes(test))
      .flatMap((test) => told(test.errors, test.name))
    let advice = ''
    if (more) {
      const extra = await validate.default(Object.values(more), value)
      const names = extra.tests.filter((t) => t.errors.length + t.warnings.length > 0).map((t) => t.name)
      advice = names.map((n) => n.replace(/^(optional|recommended)Test_/, '').replaceAll('_', '.')).join(' ')
    }
    record(folder, name, 'csaf-validator-lib', errors, advice)
  }
}

function read(...parts) {
  const at = path.join(data, ...parts)
  return fs.existsSync(at) ? JSON.parse(fs.readFileSync(at, 'utf8')) : null
}

// Schemas name others by address; they are all in the data folder, and nothing is fetched.
async function schema(folder, root, others, options = {}) {
  const [ajvModule, formats] = [await load('ajv/dist/2020.js'), await load('ajv-formats')]
  if (!ajvModule || !formats) return
  const main = read(...root)
  const rest = others.map((parts) => read(...parts))
  if (!main || rest.includes(null)) {
    skipped.add(`the JSON schema ${root.join('/')} is not there`)
    return
  }
  const ajv = new ajvModule.default({ strict: false, allErrors: true, validateFormats: true })
  formats.default.default ? formats.default.default(ajv) : formats.default(ajv)
  rest.forEach((other, index) => {
    const file = others[index].at(-1)
    // The schemas of CVSS have no id of their own; CSAF knows them by this address.
    const key = file.startsWith('cvss-') ? `https://www.first.org/cvss/${file}` : other.$id
    // We write no extensions, and their schema needs a vocabulary that ajv does not have: forbid them.
    const body = file.endsWith('extension-content.json') ? { not: {} } : other
    ajv.addSchema({ ...body, $schema: undefined, $id: undefined, id: undefined }, key)
  })
  const check = ajv.compile({ ...main, $schema: undefined })
  for (const { name, value } of documents(folder)) {
    const errors = check(value) ? [] : check.errors.map((one) => `${one.instancePath} ${one.message}`)
    record(folder, name, options.label ?? 'JSON schema', errors)
  }
}

const first20 = ['2.0', '3.0', '3.1'].map((v) => ['csaf/csaf_2.0/referenced_schema/first', `cvss-v${v}.json`])
const first21 = ['2.0', '3.0', '3.1', '4.0'].map((v) => [
  'csaf/csaf_2.1/referenced_schema/first',
  `cvss-v${v}.json`,
])
const csaf20 = ['csaf/csaf_2.0/json_schema/csaf_json_schema.json']
const csaf21 = ['csaf/csaf_2.1/json_schema/csaf.json']
const others21 = [
  ...first21,
  ['csaf/csaf_2.1/referenced_schema/certcc/SelectionList_2_0_0.schema.json'],
  ['csaf/csaf_2.1/json_schema/extension-content.json'],
]

await csafLib('csaf-2.0', `${LIB}/basic.js`, `${LIB}/optionalTests.js`)
await csafLib('csaf-2.1', `${LIB}/csaf_2_1/basic.js`, `${LIB}/csaf_2_1/recommendedTests.js`)
for (const run of [
  () => schema('csaf-2.0', csaf20, first20),
  () => schema('csaf-2.1', csaf21, others21),
  () => schema('provider-2.0', ['csaf/csaf_2.0/json_schema/provider_json_schema.json'], [csaf20, ...first20]),
  () => schema('provider-2.1', ['csaf/csaf_2.1/json_schema/provider.json'], [csaf21, ...others21]),
  () => schema('osv', ['osv/osv-schema.json'], []),
]) {
  await run()
}

const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => row[i].length), 1))
for (const row of rows) console.log(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd())
for (const one of setAside) console.log(`set aside: ${one}`)
for (const reason of skipped) console.log(`skipped: ${reason}`)
for (const finding of findings) console.log(`finding: ${finding}`)
console.log(`${rows.length} checks, ${findings.length} findings, ${skipped.size} skipped`)
process.exitCode = findings.length === 0 ? 0 : 1
