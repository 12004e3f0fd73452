#![no_main]
//! See `perfpower_fuzz::container`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::container(bytes));
