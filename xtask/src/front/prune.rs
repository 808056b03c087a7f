//! What no page can use is taken out of a wasm and its script, between wasm-bindgen and wasm-opt: what only the words of a
//! panic need, and streams that nothing makes. `names` then makes the long names short by which the two know each other.
//!
//! A panic has no words in a browser: the default hook writes to a standard error that is not there, then the wasm traps.
//! So it may trap at once. wasm-opt sees that and takes away what led up to it. Who sets a hook gives up [`PANICS`].

mod location;
mod names;

use walrus::ir::{Instr, Unreachable};
use walrus::{Export, FunctionKind, InstrLocId, LocalFunction, Module};

pub(super) use names::Names;

/// How the functions begin that only a panic calls, and that never return, as wasm-bindgen writes them. A name that is
/// missing or new in another Rust costs bytes, nothing else.
const PANICS: [&str; 18] = [
    "<hashbrown::raw::Fallibility>::capacity_overflow",
    "__rustc::rust_begin_unwind",
    "__rustc::rust_panic",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::lazy::panic_",
    "core::cell::panic_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "hashbrown::raw::Fallibility::capacity_overflow",
    "std::panicking::panic_handler::{closure",
    "std::panicking::panic_with_hook",
];

/// And how the others end, those of `Vec::remove` and its like.
const PANICS_TOO: &str = "::assert_failed";

/// Classes of the script by which a stream of the browser calls what is in the wasm. They come with leptos (`wasm-streams`,
/// by `server_fn`), and their exports keep their code; nothing of ours makes a stream.
const STREAMS: &str = "IntoUnderlying";

/// Takes out of a wasm what cannot be used. The names by which [`script`] has to call it then.
pub(super) fn wasm(module: &mut Module) -> Names {
    drop_streams(module);
    for function in module.funcs.iter_mut() {
        let name = plain(function.name.as_deref().unwrap_or_default());
        if (only_panics(&name) || only_streams(&name))
            && let FunctionKind::Local(local) = &mut function.kind
        {
            trap_at_once(local);
        }
    }
    location::forget(module);
    Names::shorten(module)
}

/// The script that goes with such a wasm. `Err` says that streams are made after all.
pub(super) fn script(text: &str, names: &Names) -> Result<String, String> {
    Ok(names.renamed(&without_streams(text)?))
}

/// A function's name without the hashes of its crates: `core[c5930c85a12de822]::panicking::panic`.
fn plain(name: &str) -> String {
    let mut pieces = name.split('[');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(']') {
            Some((hash, rest)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                plain.push_str(rest);
            }
            _ => plain.extend(["[", piece]),
        }
    }
    plain
}

fn only_panics(name: &str) -> bool {
    PANICS.iter().any(|start| name.starts_with(start)) || name.ends_with(PANICS_TOO)
}

fn only_streams(name: &str) -> bool {
    name.contains("into_underlying") || name.starts_with("intounderlying") || name.contains("_intounderlying")
}

fn trap_at_once(function: &mut LocalFunction) {
    let entry = function.entry_block();
    let block = function.block_mut(entry);
    block.instrs = vec![(Instr::Unreachable(Unreachable {}), InstrLocId::default())];
}

fn drop_streams(module: &mut Module) {
    let exports = module
        .exports
        .iter()
        .filter(|export| only_streams(&export.name))
        .map(Export::id);
    for export in exports.collect::<Vec<_>>() {
        module.exports.delete(export);
    }
}

/// The script without the classes of streams.
fn without_streams(script: &str) -> Result<String, String> {
    let class = format!("export class {STREAMS}");
    let registry = format!("const {STREAMS}");
    let mut rest = String::with_capacity(script.len());
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        if line.starts_with(&class) {
            // To its last brace, which alone is not indented, and what makes it disposable.
            let _ = lines.by_ref().find(|line| *line == "}");
        } else if line.starts_with(&registry) {
            let is_whole = line.ends_with(';');
            let _ = lines.by_ref().find(|line| is_whole || line.ends_with(';'));
        } else if !line.starts_with(&format!("if (Symbol.dispose) {STREAMS}")) {
            rest.extend([line, "\n"]);
        }
    }
    match rest.lines().find(|line| line.contains(STREAMS)) {
        None => Ok(rest),
        Some(line) => Err(format!(
            "streams are used after all, or written otherwise: {line}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, Module, ValType};

    use super::{only_panics, only_streams, plain, trap_at_once, without_streams};

    #[test]
    fn what_only_panics_is_told_by_its_name() {
        for name in [
            "core[c5930c85a12de822]::panicking::panic_bounds_check",
            "core[c5930c85a12de822]::str::slice_error_fail_rt",
            "<alloc[3ca501edff3f0c7c]::vec::Vec<_, _>>::remove::assert_failed",
            "hashbrown::raw::Fallibility::capacity_overflow::hc2b3b425161f946c",
        ] {
            assert!(only_panics(&plain(name)), "{name}");
        }
        for name in [
            "<core::panic::unwind_safe::AssertUnwindSafe<F> as core::future::future::Future>::poll::hb7",
            "std[a543996e6e7dbf1e]::panicking::panic_count::increase",
            "<[u8] as app::panicking::core>::say",
            "wasm_bindgen::throw_str::h101bc1e42a6155a7",
        ] {
            assert!(!only_panics(&plain(name)), "{name}");
        }
        assert_eq!(plain("<[u8] as a[b]>::c"), "<[u8] as a[b]>::c");
    }

    #[test]
    fn a_pruned_function_traps_whatever_it_did_before() {
        let mut module = Module::default();
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
        builder.func_body().i32_const(7);
        let id = builder.finish(vec![], &mut module.funcs);
        module.exports.add("seven", id);
        trap_at_once(module.funcs.get_mut(id).kind.unwrap_local_mut());
        let again = Module::from_buffer(&module.emit_wasm()).unwrap();
        let sizes: Vec<u64> = again
            .funcs
            .iter_local()
            .map(|(_, function)| function.size())
            .collect();
        assert_eq!(sizes, [1]);
    }

    #[test]
    fn the_classes_of_streams_leave_the_script_and_nothing_else_does() {
        let script = "\
export function hydrate() {
    wasm.hydrate();
}
export class IntoUnderlyingSink {
    close() {
        wasm.intounderlyingsink_close(this.__wbg_ptr);
    }
}
if (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = IntoUnderlyingSink.prototype.free;
const IntoUnderlyingSinkFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_intounderlyingsink_free(ptr, 1));
const kept = 1;
";
        let without = "export function hydrate() {\n    wasm.hydrate();\n}\nconst kept = 1;\n";
        assert_eq!(without_streams(script), Ok(without.to_owned()));
        assert!(only_streams("intounderlyingsink_close") && only_streams("__wbg_intounderlyingsink_free"));
    }

    #[test]
    fn a_stream_that_is_made_stops_the_build() {
        let script = "        const ret = IntoUnderlyingSource.__wrap(arg0);\n";
        assert!(without_streams(script).is_err());
    }
}
