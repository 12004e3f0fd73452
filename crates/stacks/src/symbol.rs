//! Names of functions: readable ([`demangled`]), and stable over builds ([`identity`]).
//!
//! Apple symbolicates most frames; where the symbol table held only linker names, they arrive mangled. Objective-C names
//! are not mangled. A name is stable over builds once everything is gone that the compiler counts or chooses: addresses,
//! offsets, closure and block numbers, private discriminators, clones.

use std::borrow::Cow;
use symbolic_common::Name;
use symbolic_demangle::{Demangle, DemangleOptions};

/// Longest name that is given to the demangler, in bytes; longer ones stay as they are. Its output is bounded by the same
/// number in the library, and a name of this length fills a page.
const MAX_MANGLED_BYTES: usize = 4096;

/// How linker names begin: Swift 5 and 4.2 to 4, Embedded Swift, macros; C++; Rust.
const MANGLED_PREFIXES: [&str; 14] =
    ["$s", "_$s", "$S", "_$S", "$e", "_$e", "@__swiftmacro_", "_T0", "__T0", "_Z", "__Z", "___Z", "____Z", "_R"];

/// The readable form of a linker name; a name that is not mangled comes back as it is.
pub fn demangled(symbol: &str) -> Cow<'_, str> {
    // Most names begin with none of these, and are asked for at every frame.
    let is_mangled = symbol.starts_with(['$', '_', '@'])
        && symbol.len() <= MAX_MANGLED_BYTES
        && MANGLED_PREFIXES.iter().any(|prefix| symbol.starts_with(prefix));
    if !is_mangled {
        return Cow::Borrowed(symbol);
    }
    match Name::from(symbol).demangle(DemangleOptions::name_only().parameters(true)) {
        Some(readable) if !readable.is_empty() => Cow::Owned(readable),
        _ => Cow::Borrowed(symbol),
    }
}

/// What is left of a name when all that changes from build to build is taken away. Two names with one identity are one
/// function; the identity is a key, not a text to show. A name that is nothing but an address is all that there is to tell
/// functions apart, within one build, so it stays.
pub fn identity(symbol: &str) -> String {
    if is_address(symbol) {
        return without_offset(symbol.trim()).to_owned();
    }
    let name = demangled(symbol.trim());
    let name = without_offset(&name);
    let name = without_clone_suffixes(name);
    let name = without_block_number(name);
    let name = without_wrappers(&name);
    let mut out = String::with_capacity(name.len());
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &name[at..];
        if let Some(digits) = rest.strip_prefix("0x").map(|hex| leading(hex, |b| b.is_ascii_hexdigit()))
            && digits > 0
        {
            out.push_str("0x");
            at += 2 + digits;
        } else if let Some(digits) = rest.strip_prefix('#').map(|number| leading(number, |b| b.is_ascii_digit()))
            && digits > 0
        {
            out.push('#');
            at += 1 + digits;
        } else if let Some(skipped) = private_discriminator(rest).or_else(|| template_noise(rest)) {
            at += skipped;
        } else if rest.starts_with(' ') {
            if !out.ends_with(' ') && !rest.trim_start().is_empty() && !rest.trim_start().starts_with('>') {
                out.push(' ');
            }
            at += 1;
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..length]);
            at += length;
        }
    }
    out
}

/// Whether a name is nothing but an address, such as `0x104a2b3c4 (in App) + 4`. It means something in one build only.
pub(crate) fn is_address(name: &str) -> bool {
    let name = without_offset(name.trim());
    let name = name.split_once(" (in ").map_or(name, |(address, _)| address);
    name.strip_prefix("0x").is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `name + 23` and `name + 0x17` without the offset.
pub(crate) fn without_offset(name: &str) -> &str {
    let Some((head, tail)) = name.rsplit_once(" + ") else { return name };
    let is_offset = match tail.strip_prefix("0x") {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if is_offset { head.trim_end() } else { name }
}

/// Names that compilers append to copies of a function, and a bare `.123`.
fn without_clone_suffixes(mut name: &str) -> &str {
    const CLONES: [&str; 7] = [".cold", ".llvm", ".isra", ".part", ".constprop", ".resume", ".destroy"];
    loop {
        let trimmed = match name.rsplit_once('.') {
            Some((head, tail))
                if !head.is_empty() && !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                head
            }
            _ => name,
        };
        let trimmed = CLONES.iter().find_map(|clone| trimmed.strip_suffix(clone)).unwrap_or(trimmed);
        let trimmed = match trimmed.rsplit_once(" [clone ") {
            Some((head, _)) => head,
            None => trimmed,
        };
        if trimmed.len() == name.len() {
            return name;
        }
        name = trimmed;
    }
}

/// `__39-[Store load]_block_invoke_2` becomes `-[Store load]_block_invoke`: the first number is the length of the method's
/// name, the last one counts the blocks in it.
fn without_block_number(name: &str) -> Cow<'_, str> {
    const BLOCK: &str = "_block_invoke";
    let Some(at) = name.find(BLOCK) else { return Cow::Borrowed(name) };
    let head = &name[..at];
    let head = match head.strip_prefix("__") {
        Some(numbered) => {
            let digits = leading(numbered, |byte| byte.is_ascii_digit());
            if digits > 0 && !numbered[digits..].is_empty() { &numbered[digits..] } else { head }
        }
        None => head,
    };
    let tail = name[at + BLOCK.len()..].trim_start_matches(|c: char| c == '_' || c == '.' || c.is_ascii_digit());
    Cow::Owned(format!("{head}{BLOCK}{tail}"))
}

/// Swift's names for copies and parts of a function: the function is what follows.
fn without_wrappers(name: &str) -> Cow<'_, str> {
    const WRAPPERS: [&str; 8] = [
        "merged ",
        "specialized ",
        "partial apply for ",
        "partial apply forwarder for ",
        "@objc ",
        "@nonobjc ",
        "dynamic ",
        "implicit ",
    ];
    let mut rest = name;
    loop {
        let mut next = WRAPPERS.iter().find_map(|wrapper| rest.strip_prefix(wrapper)).unwrap_or(rest);
        if let Some(numbered) = next.strip_prefix('(') {
            // "(3) await resume partial function for f": the number counts the suspension points of f.
            let digits = leading(numbered, |byte| byte.is_ascii_digit());
            if digits > 0
                && let Some(part) = numbered[digits..].strip_prefix(") ")
                && (part.starts_with("await resume partial") || part.starts_with("suspend resume partial"))
            {
                next = part.split_once(" for ").map_or(part, |(_, function)| function);
            }
        }
        if (next.starts_with("generic specialization <") || next.starts_with("function signature specialization <"))
            && let Some((_, function)) = next.split_once("> of ")
        {
            next = function;
        }
        if next.len() == rest.len() {
            return Cow::Borrowed(rest);
        }
        rest = next;
    }
}

/// ` in _` with 32 hexadecimal digits: Swift's mark of the file that a private declaration is in. Its bytes, when the text
/// begins with it.
fn private_discriminator(text: &str) -> Option<usize> {
    const MARK: &str = " in _";
    let digits = leading(text.strip_prefix(MARK)?, |byte| byte.is_ascii_hexdigit());
    (digits == 32).then_some(MARK.len() + digits)
}

/// Inline namespaces of the C++ library and ABI tags, which name the toolchain and not the function. Its bytes, when the
/// text begins with one.
fn template_noise(text: &str) -> Option<usize> {
    if let Some(tag) = text.strip_prefix("[abi:") {
        return tag.find(']').map(|end| "[abi:".len() + end + 1);
    }
    ["__1::", "__cxx11::", "__ndk1::"].into_iter().find(|inline| text.starts_with(inline)).map(str::len)
}

/// How many bytes at the start satisfy a predicate.
fn leading(text: &str, is_wanted: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|&byte| is_wanted(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linker_names_become_readable_and_others_stay() {
        for (symbol, readable) in [
            ("_ZN3foo3barEi", "foo::bar(int)"),
            ("$s4main5helloSSyYaKF", "hello()"),
            ("-[Store load:]", "-[Store load:]"),
            ("_dispatch_client_callout", "_dispatch_client_callout"),
            ("$snonsense", "$snonsense"),
            ("", ""),
        ] {
            assert_eq!(demangled(symbol), readable, "{symbol}");
        }
    }

    #[test]
    fn what_changes_from_build_to_build_is_no_part_of_the_identity() {
        for (one, other) in [
            ("-[Store load:] + 23", "-[Store load:] + 0x88"),
            ("closure #1 () -> () in App.Feed.load()", "closure #12 () -> () in App.Feed.load()"),
            ("__39+[Tasks all]_block_invoke", "__41+[Tasks all]_block_invoke_2"),
            ("__39+[Tasks all]_block_invoke_2.cold.1", "__39+[Tasks all]_block_invoke.118"),
            (
                "Feed.(load in _0123456789ABCDEF0123456789ABCDEF)()",
                "Feed.(load in _FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF)()",
            ),
            ("specialized Feed.load()", "merged Feed.load()"),
            (
                "(1) await resume partial function for Feed.load()",
                "(7) suspend resume partial function for Feed.load()",
            ),
            ("std::__1::vector<std::__1::pair<int, int> >::size()", "std::vector<std::pair<int, int>>::size()"),
            ("std::__cxx11::list[abi:cxx11]::clear()", "std::list::clear()"),
            ("parse.llvm.8812", "parse.cold.3"),
            ("sub_0x10ff", "sub_0xABCD"),
            ("$s4main5helloSSyYaKF", "hello()"),
        ] {
            assert_eq!(identity(one), identity(other), "{one}\n{other}");
        }
    }

    #[test]
    fn what_names_the_function_stays() {
        for (one, other) in [
            ("item_1", "item_2"),
            ("-[Store load:]", "+[Store load:]"),
            ("Feed.load()", "Feed.load(_:)"),
            ("closure #1 in Feed.load()", "Feed.load()"),
            ("vector<int>::size()", "vector<long>::size()"),
            ("a + b", "a"),
            ("0x104a2b3c4", "0x1990000"),
            ("0x1000 (in App) + 4", "0x2000 (in App) + 4"),
        ] {
            assert_ne!(identity(one), identity(other), "{one}\n{other}");
        }
        assert_eq!(identity("-[Store load:]"), "-[Store load:]");
        assert_eq!(identity(" 0x104a2b3c4 + 12"), "0x104a2b3c4");
    }

    #[test]
    fn an_identity_is_its_own_identity() {
        for name in [
            "__39+[Tasks all]_block_invoke_2",
            "std::__1::pair<int, int > ",
            "x + 1",
            "f.cold.1.llvm.3",
            "#1",
            "0x",
            "0x10 + 4",
            " ",
        ] {
            let once = identity(name);
            assert_eq!(identity(&once), once, "{name}");
        }
    }

    #[test]
    fn names_made_to_exhaust_a_demangler_end_soon() {
        let deep_swift = format!("$s{}", "S".repeat(4000));
        let nested_swift = format!("$s1a{}", "y".repeat(4000));
        let tuples_swift = format!("$s4main1fyy{}F", "Sg".repeat(1900));
        let deep_cpp = format!("_Z1f{}i", "P".repeat(4000));
        let laughing_cpp = format!("_Z1fI{}E", "S_S_S_".repeat(600));
        let long = format!("_Z{}", "1a".repeat(100_000));
        for name in [deep_swift, nested_swift, tuples_swift, deep_cpp, laughing_cpp, long] {
            assert!(demangled(&name).len() <= name.len().max(MAX_MANGLED_BYTES));
        }
    }
}
