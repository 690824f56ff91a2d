#!/usr/bin/env python3
"""Second verifier for Comity: entries, receipts, case exports and equivocation proofs, offline.

Written from docs/spec/envelope.md and docs/spec/receipt.md alone; shares no code with the first.
Needs Python 3.9 and the package `cryptography`. Exit: 0 verified, 1 not verified, 2 unreadable.
"""
import base64, binascii, hashlib, json, re, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PAYLOAD_MAX, SAFE, FUTURE_MS = 64 << 10, (1 << 53) - 1, 600_000
ENVELOPE_MAX = -(-PAYLOAD_MAX // 3) * 4 + 1024
TYPES = {f"application/vnd.comity.{t}+json;v=1": t for t in ("agreement", "approval", "entry", "export", "pass", "receipt", "screen")}
STATEMENTS = {"agreement", "approval", "pass", "screen"}
LAYOUT = re.compile(r'\{"payload":"([^"]*)","payloadType":"([^"]*)","signatures":\[(\{[^\[\]]*\})\]\}')
SIGNATURE = re.compile(r'\{"keyid":"ed25519:([0-9a-f]{64})","sig":"([^"]*)"\}')
NAME, HEX = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}"), re.compile(r"[0-9a-f]{64}")
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
# y of the points whose order divides eight; keys and R must be canonical and none of these.
SMALL_Y = {0, 1, P - 1,
           int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
           int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")}


class No(Exception):
    """A refusal: stable code, line (0: whole file), entry id."""
    def __init__(self, code, line=1, entry=None):
        super().__init__(code)
        self.code, self.line, self.entry = code, line, entry


def need(condition, code):
    if not condition:
        raise No(code)


def strict(payload):
    """EN-03: the object, if the bytes are exactly its canonical form."""
    def pairs(items):
        need(len({k for k, _ in items}) == len(items) <= 256, "strict-json")
        return dict(items)

    def bad(_text):
        raise No("strict-json")

    def integer(text):
        need(text != "-0" and len(text) <= 17 and abs(int(text)) <= SAFE, "strict-json")
        return int(text)

    try:
        need(len(payload) <= PAYLOAD_MAX, "strict-json")
        value = json.loads(payload.decode(), object_pairs_hook=pairs, parse_float=bad, parse_constant=bad, parse_int=integer)
        need(depth(value) <= 16 and canonical(value).encode() == payload and isinstance(value, dict), "strict-json")
    except (ValueError, RecursionError):
        raise No("strict-json") from None
    return value


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(k)}:{canonical(value[k])}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def b64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise No("envelope-malformed") from None
    need(base64.b64encode(data).decode() == text, "envelope-malformed")
    return data


class Envelope:
    def __init__(self, data):
        need(len(data) <= ENVELOPE_MAX, "too-large")
        match = LAYOUT.fullmatch(data.decode("latin-1"))
        need(match, "envelope-malformed")
        parts = match[3].split("},")
        found = [SIGNATURE.fullmatch(p if p.endswith("}") else p + "}") for p in parts]
        need(all(found) and len(found) <= 2, "envelope-malformed")
        self.signatures = {bytes.fromhex(m[1]): b64(m[2]) for m in found}
        ids = [m[1] for m in found]
        need(all(len(s) == 64 for s in self.signatures.values()) and ids == sorted(set(ids)), "envelope-malformed")
        need(match[2] in TYPES, "payload-type")
        self.kind, self.payload = TYPES[match[2]], b64(match[1])
        need(len(self.payload) <= PAYLOAD_MAX, "too-large")
        self.signed = b"DSSEv1 %d %s %d " % (len(match[2]), match[2].encode(), len(self.payload)) + self.payload
        self.id = hashlib.sha256(self.signed).hexdigest()

    def signed_by(self, key):
        signature = self.signatures.get(hashlib.sha256(key).digest())
        if signature is None or int.from_bytes(signature[32:], "little") >= L or weak(signature[:32]):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, self.signed)
            return True
        except (InvalidSignature, ValueError):
            return False


def weak(point):
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return y >= P or y in SMALL_Y


def on_curve(point):
    y = int.from_bytes(point, "little") & (2**255 - 1)
    d = -121665 * pow(121666, P - 2, P)
    x2 = (y * y - 1) * pow(d * y * y + 1, P - 2, P) % P
    return pow(x2, (P - 1) // 2, P) == 1


def encryption_key(data):
    """X-Wing: an ML-KEM-768 key, whose 768 coefficients of 12 bits are below q, then an X25519 key."""
    bits = int.from_bytes(data[:1152], "little")
    return len(data) == 1216 and all((bits >> 12 * i) & 0xFFF < 3329 for i in range(768))


class Take:
    """Takes members one by one; what is left over is unknown."""
    def __init__(self, members, code):
        need(isinstance(members, dict), code)
        self.left, self.code = dict(members), code

    def need(self, condition):
        need(condition, self.code)

    def __call__(self, name, test):
        self.need(name in self.left and test(self.left[name]))
        return self.left.pop(name)

    def key(self, name):
        value = self(name, lambda v: isinstance(v, str) and v.startswith("ed25519:") and HEX.fullmatch(v[8:]))
        key = bytes.fromhex(value[8:])
        self.need(not weak(key) and on_curve(key))
        return key

    def end(self, extensions=False):
        self.need(all(extensions and name.startswith("x-") and len(name) > 2 for name in self.left))


def name(v): return isinstance(v, str) and NAME.fullmatch(v)
def hash_(v): return isinstance(v, str) and HEX.fullmatch(v)
def count(v): return isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= SAFE
def text(v): return isinstance(v, str) and 1 <= len(v) <= 500
def one(v): return count(v) and v == 1
def null_or(test): return lambda v: v is None or test(v)
def ids(v): return isinstance(v, list) and len(v) <= 256 and all(map(hash_, v)) and v == sorted(set(v))
def tagged(tag, *parts): return hashlib.sha256(tag + b"\0" + b"".join(len(p).to_bytes(8, "big") + p for p in parts)).hexdigest()


def entry(envelope):
    need(envelope.kind == "entry", "payload-type")
    take = Take(strict(envelope.payload), "entry-malformed")
    take("v", one)
    e = {n: take(n, name) for n in ("case", "author", "kind", "area", "party")}
    e |= {n: take(n, count) for n in ("seq", "at", "epoch")}
    e |= {"prev": take("prev", null_or(hash_)), "room": take("room", null_or(hash_)), "seen": take("seen", ids)}
    e |= {"body": take("body", lambda v: isinstance(v, dict)), "salt": take("salt", hash_), "sealed": "sealed" in take.left}
    if e["sealed"]:
        sealed = Take(take.left.pop("sealed"), "entry-malformed")
        sealed("sha256", hash_), sealed("size", count), sealed.end()
    take.end(extensions=True)
    take.need((e["prev"] is not None) == (e["seq"] > 0))
    take.need((e["room"] is None) == (e["seq"] == 0 and not e["seen"]))
    e["id"] = envelope.id
    e["in"] = e["room"] or envelope.id
    return e


class Identity:
    """An identity chain, entry by entry."""
    def __init__(self, envelope):
        e = self.read(envelope)
        need(e["room"] is None and e["kind"] == "id.genesis", "wrong-room")
        key, self.commit = self.keys_of(e)
        self.check(envelope, [key])
        self.hub, self.room, self.at, self.ids, self.current = e["author"], e["id"], e["at"], [e["id"]], key
        self.keys = {hashlib.sha256(key).digest(): [key, 0, None]}

    @staticmethod
    def read(envelope):
        e = entry(envelope)
        need(e["case"] == e["party"] == e["author"] and e["area"] == "protocol" and e["epoch"] == 0 and not e["sealed"]
             and not e["seen"] and e["kind"].startswith("id."), "wrong-room")
        return e

    @staticmethod
    def keys_of(e):
        take = Take(e["body"], "identity-body")
        key = take.key("sign_key")
        enc = take("enc_key", lambda v: isinstance(v, str) and v.startswith("x-wing:"))
        try:
            need(encryption_key(b64(enc[7:])), "identity-body")
        except No:
            raise No("identity-body") from None
        commit = take("next_key_commit", hash_)
        take.end()
        return key, commit

    @staticmethod
    def check(envelope, keys):
        need(len(envelope.signatures) == len(keys), "signature-count")
        need(all(map(envelope.signed_by, keys)), "bad-signature")

    def append(self, envelope):
        e = self.read(envelope)
        need(e["author"] == self.hub and e["in"] == self.room, "wrong-room")
        if e["seq"] < len(self.ids):
            if self.ids[e["seq"]] == e["id"]:
                return
            raise No("equivocation" if any(envelope.signed_by(k[0]) for k in self.keys.values()) else "bad-signature")
        need(e["seq"] == len(self.ids) and e["prev"] == self.ids[-1], "seq-gap")
        need(len(self.ids) < 4096, "room-full")
        need(e["at"] >= self.at, "time-reversed")
        need(e["kind"] != "id.genesis", "wrong-room")
        if e["kind"] == "id.rotate":
            key, commit = self.keys_of(e)
            digest = hashlib.sha256(key).digest()
            need(digest not in self.keys, "key-reused")
            need(tagged(b"comity/next-key/1", key) == self.commit, "not-next-key")
            self.check(envelope, [self.current, key])
            self.keys[digest] = [key, max(k[1] for k in self.keys.values()) + 1, None]
            self.current, self.commit = key, commit
        else:
            self.check(envelope, [self.current])
            take = Take(e["body"], "identity-body")
            if e["kind"] == "id.revoke":
                digest, since = bytes.fromhex(take("key", hash_)), take("compromised_since", count)
                take.end()
                need(digest != hashlib.sha256(self.current).digest(), "current-key")
                need(digest in self.keys, "unknown-key")
                known = self.keys[digest][2]
                self.keys[digest][2] = since if known is None else min(known, since)
            elif e["kind"] == "id.endorse":
                take("hub", name), take("identity", hash_), take("level", name), take.end()
        self.ids.append(e["id"])
        self.at = e["at"]


def open_entry(envelope, directory, revoked_counts=False):
    need(envelope.kind == "entry", "payload-type")
    need(len(envelope.signatures) == 1, "signature-count")
    e = entry(envelope)
    identity = directory.get(e["author"])
    key = identity and identity.keys.get(next(iter(envelope.signatures)))
    need(key, "unknown-key")
    need(key[2] is None or revoked_counts, "revoked-key")
    need(envelope.signed_by(key[0]), "bad-signature")
    e["generation"] = key[1]
    return e


def take_identity(envelope, directory):
    hub = Identity.read(envelope)["author"]
    if hub in directory:
        directory[hub].append(envelope)
    else:
        directory[hub] = Identity(envelope)


def lines_of(data):
    return (data[:-1] if data.endswith(b"\n") else data).split(b"\n")


def at_line(line, act, data):
    """Runs one line's check; a refusal learns line and entry."""
    envelope = None
    try:
        envelope = Envelope(data)
        return act(envelope)
    except No as no:
        raise No(no.code, line, envelope and envelope.id) from None


def receipt(data):
    envelope = Envelope(data)
    need(envelope.kind == "receipt", "payload-type")
    need(len(envelope.signatures) == 1, "signature-count")
    take = Take(strict(envelope.payload), "receipt-malformed")
    take("v", one)
    key = take.key("key")
    said = {n: take(n, name) for n in ("report", "hub")} | {"holder": take("holder", text), "received_at": take("received_at", count)}
    for clock in take("clocks", lambda v: isinstance(v, list) and len(v) <= 64):
        clock = Take(clock, take.code)
        clock("code", name), clock("due_at", count), clock("bearer", text), clock.end()
    embargo = take("embargo", lambda v: v is None or isinstance(v, dict))
    if embargo is not None:
        embargo = Take(embargo, take.code)
        start, end = embargo("starts_at", count), embargo("ends_at", count)
        embargo.end(), take.need(end > start)
    policy = Take(take("policy", lambda v: isinstance(v, dict)), take.code)
    policy("version", text), policy("sha256", hash_), policy.end()
    take("commitment", hash_), take.end(extensions=True)
    need(envelope.signed_by(key), "bad-signature")
    return {"signer": hashlib.sha256(key).hexdigest(), **said}


def manifest(envelope):
    need(envelope.kind == "export", "payload-type")
    need(len(envelope.signatures) == 1, "signature-count")
    take = Take(strict(envelope.payload), "manifest-malformed")
    take("v", one)
    m = {"key": take.key("key"), "hub": take("hub", name), "at": take("at", count), "case": take("case", name), "rooms": {}}
    for room in take("rooms", lambda v: isinstance(v, list) and 0 < len(v) <= 64):
        room = Take(room, take.code)
        id_ = room("room", hash_)
        take.need(all(id_ > other for other in m["rooms"]))
        m["rooms"][id_] = (room("entries", count), room("heads", hash_))
        room.end()
    take.end(extensions=True)
    need(envelope.signed_by(m["key"]), "bad-signature")
    return m


def export(data):
    first, *rest = lines_of(data)
    try:
        m = manifest(Envelope(first))
    except No as no:
        raise No(no.code, 1) from None
    directory, rooms = {}, {}

    def line(envelope):
        need(envelope.kind == "entry", "payload-type")
        if len(envelope.signatures) > 1 or entry(envelope)["kind"].startswith("id."):
            need(len(directory) < 1024, "too-many")
            return take_identity(envelope, directory)
        e = open_entry(envelope, directory)
        need(e["in"] in m["rooms"] and e["case"] == m["case"], "wrong-room")
        room = rooms.setdefault(e["in"], {"held": {}, "heads": set()})
        held = room["held"]
        need(held or e["room"] is None, "missing-parent")
        need(e["id"] not in held, "replayed")
        need(e["at"] <= m["at"] + FUTURE_MS, "at-in-future")
        need(len(held) < 200_000, "room-full")
        parents = ([e["prev"]] if e["prev"] else []) + e["seen"]
        need(all(p in held for p in parents), "missing-parent")
        if e["prev"]:
            author, seq, generation = held[e["prev"]]
            need(author == e["author"] and seq + 1 == e["seq"], "seq-gap")
            need(e["generation"] >= generation, "key-reversed")
        held[e["id"]] = (e["author"], e["seq"], e["generation"])
        room["heads"] = room["heads"] - set(parents) | {e["id"]}

    for number, text_ in enumerate(rest, 2):
        at_line(number, line, text_)
    signer = directory.get(m["hub"])
    key = signer and signer.keys.get(hashlib.sha256(m["key"]).digest())
    if not key or key[2] is not None:
        raise No("unknown-key", 1)
    for id_, said in m["rooms"].items():
        room = rooms.get(id_, {"held": {}, "heads": set()})
        heads = tagged(b"comity/heads/1", *(bytes.fromhex(h) for h in sorted(room["heads"])))
        if (len(room["held"]), heads) != said:
            raise No("export-incomplete", 0, id_)
    return {"case": m["case"], "hub": m["hub"], "signer": hashlib.sha256(m["key"]).hexdigest(), "entries": sum(len(r["held"]) for r in rooms.values())}


def equivocation(data):
    head, *rest = lines_of(data)
    if len(rest) < 2 or len(data) > 16 << 20:
        raise No("proof-malformed", 0)
    take = Take(strict(head), "proof-malformed")
    take("schema", lambda v: v == "comity.equivocation/1")
    said = take("author", name), take("room", hash_), take("seq", count)
    take.end()
    directory = {}

    def link(envelope):
        if directory:
            next(iter(directory.values())).append(envelope)
        else:
            take_identity(envelope, directory)

    for number, text_ in enumerate(rest[:-2], 2):
        at_line(number, link, text_)
    if not directory:
        raise No("proof-malformed", 0)
    act = lambda envelope: open_entry(envelope, directory, revoked_counts=True)
    a, b = (at_line(len(rest) + n, act, rest[n - 2]) for n in (0, 1))
    place = lambda e: (e["author"], e["in"], e["seq"])
    if place(a) != place(b) or a["id"] >= b["id"]:
        raise No("no-conflict", 0)
    if place(a) != said:
        raise No("proof-malformed", 1)
    return {"author": a["author"], "room": a["in"], "seq": a["seq"], "entries": [a["id"], b["id"]]}


def statement(envelope, key):
    """A signed document that is no entry; whose key counts is the caller's question."""
    need(envelope.kind in STATEMENTS, "payload-type")
    need(len(envelope.signatures) == 1, "signature-count")
    said = strict(envelope.payload)
    need(envelope.signed_by(key), "bad-signature")
    return said


def check(data):
    first = data.split(b"\n", 1)[0]
    if first.startswith(b'{"payload"'):
        kind = Envelope(first).kind
        if kind == "receipt":
            return kind, receipt(data[:-1] if data.endswith(b"\n") else data)
        if kind == "export":
            return kind, export(data)
        directory = {}
        for number, text_ in enumerate(lines_of(data), 1):
            at_line(number, lambda envelope: take_identity(envelope, directory), text_)
        return "identity", {hub: identity.room for hub, identity in directory.items()}
    if b'"comity.equivocation/1"' in first:
        return "equivocation", equivocation(data)
    raise ValueError("not a document of Comity")


def vectors(path):
    """Runs one file of testdata/ledger; returns the number that came out otherwise."""
    with open(path, encoding="utf-8") as file:
        suite = json.load(file)
    directory, wrong = {}, 0
    for line in suite["identities"]:
        take_identity(Envelope(line.encode()), directory)
    act = {"entry": lambda d: at_line(1, lambda e: open_entry(e, directory), d), "receipt": receipt, "export": export,
           "equivocation": equivocation,
           "statement": lambda d: statement(Envelope(d), directory["jo"].current)}[suite["type"]]
    for vector in suite["vectors"]:
        try:
            act(vector["input"].encode())
            found = ("ok", None, None)
        except No as no:
            found = (no.code, no.line, no.entry)
        if found != (vector["code"], vector["line"], vector["entry"]):
            wrong += 1
            print(f"{path}: {vector['name']}: {found}, expected {vector['code']} {vector['line']} {vector['entry']}")
    print(f"{path}: {len(suite['vectors']) - wrong} passed, {wrong} failed")
    return wrong


def main(arguments):
    if arguments[:1] == ["--vectors"]:
        return 1 if sum(map(vectors, arguments[1:])) else 0
    worst = 0
    for path in arguments:
        try:
            with open(path, "rb") as file:
                kind, said = check(file.read())
            print(f"{path}: verified ({kind}), not pinned: {json.dumps(said, ensure_ascii=False)}")
        except No as no:
            print(f"{path}: NOT verified: {no.code}, line {no.line}, entry {no.entry}")
            worst = max(worst, 1)
        except (OSError, ValueError) as error:
            print(f"{path}: unreadable: {error}")
            worst = 2
    return worst if arguments else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
