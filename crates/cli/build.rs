//! How the program is linked.

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is told what it builds for by its environment"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        // Addresses that the loader fills in take half a megabyte one by one, and some kilobytes packed
        // (glibc 2.36 and later reads them; an older linker passes the option over).
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
