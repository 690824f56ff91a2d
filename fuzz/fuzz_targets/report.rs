#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| comity_fuzz::a_report(bytes));
