//! With the feature `embed`: the built front becomes a table in the program, which `src/http/site.rs` includes.
//!
//! Without it nothing is done. The page's own package gets a name with a fingerprint here, so that browsers may keep
//! it for ever; in the folder itself, and so in `cargo leptos watch`, it keeps its plain name.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

/// The front's folder, where it does not lie in cargo's target folder.
const FOLDER: &str = "PARLANCE_SITE_TO_EMBED";
/// What pages are made of, in `pkg/`. One fingerprint for all: they are built together, and must never meet those of
/// another build.
const PACKAGE: [&str; 6] = [
    "parlance.css",
    "parlance.js",
    "parlance.wasm",
    "pages.css",
    "workshop.js",
    "workshop.wasm",
];
/// Compressed copies lie beside their files, by these endings.
const VARIANTS: [(&str, &str); 2] = [("brotli", "br"), ("gzip", "gz")];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={FOLDER}");
    if env::var_os("CARGO_FEATURE_EMBED").is_none() {
        return;
    }
    if let Err(error) = embed() {
        println!("cargo::error={error}");
    }
}

fn embed() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let site = folder(&out).ok_or(
        "the feature `embed` takes the built front into the program, and there is none: `cargo xtask build` makes \
         both, `cargo xtask front` the front alone",
    )?;
    println!("cargo::rerun-if-changed={}", site.display());
    let files = plain_files(&site)?;
    let fingerprint = package_fingerprint(&site)?;
    let mut table = String::new();
    for file in &files {
        write_entry(&mut table, &site, file, &fingerprint)
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let bundle = format!("Bundle {{ fingerprint: \"{fingerprint}\", files: &[\n{table}] }}\n");
    // Never into a file that is there: where a target folder is a copy by hard links, it is another build's, too.
    let table = out.join("bundle.rs");
    let _ = fs::remove_file(&table);
    fs::write(table, bundle)?;
    Ok(())
}

/// What was said, or `site` in the target folder that this build works in.
fn folder(out: &Path) -> Option<PathBuf> {
    let is_built = |site: &PathBuf| site.join("pkg/parlance.js").is_file();
    match env::var_os(FOLDER) {
        Some(folder) => Some(PathBuf::from(folder)).filter(is_built),
        None => out.ancestors().map(|folder| folder.join("site")).find(is_built),
    }
}

/// Every file that is not the compressed copy of another, in a fixed order. Type declarations, which cargo-leptos leaves
/// there, are for nobody who visits.
fn plain_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(plain_files(&path)?);
        } else if !is_variant(&path) && path.extension().is_none_or(|ending| ending != "ts") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_variant(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    VARIANTS.iter().any(|(_, variant)| ending == *variant) && path.with_extension("").is_file()
}

fn package_fingerprint(site: &Path) -> Result<String, Box<dyn Error>> {
    let mut all = Vec::new();
    for name in PACKAGE {
        let file = site.join("pkg").join(name);
        all.extend(fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(fingerprint(&all))
}

/// 64 bits of SipHash: tells builds apart, and is asked to do no more. A cryptographic one would be compiled for this.
fn fingerprint(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}

fn write_entry(
    table: &mut String,
    site: &Path,
    file: &Path,
    fingerprint: &str,
) -> Result<(), Box<dyn Error>> {
    let inside = file.strip_prefix(site)?.to_str().ok_or("its name is not UTF-8")?;
    let ending = file.extension().and_then(|ending| ending.to_str());
    let kind = content_type(ending.unwrap_or_default())
        .ok_or("what its content type is, is not known: add its ending to server/build.rs")?;
    let of_package = inside
        .strip_prefix("pkg/")
        .filter(|name| PACKAGE.contains(name))
        .and_then(|name| name.rsplit_once('.'));
    let path = match of_package {
        Some((name, ending)) => format!("/pkg/{name}.{fingerprint}.{ending}"),
        None => format!("/{inside}"),
    };
    write!(
        table,
        "File {{ path: {path:?}, content_type: {kind:?}, immutable: {}, plain: {}",
        of_package.is_some(),
        content(file)?
    )?;
    for (name, ending) in VARIANTS {
        let variant = file.with_added_extension(ending);
        let content = if variant.is_file() {
            format!("Some({})", content(&variant)?)
        } else {
            "None".to_owned()
        };
        write!(table, ", {name}: {content}")?;
    }
    writeln!(table, " }},")?;
    Ok(())
}

/// The bytes themselves are taken by the compiler, which watches the file.
fn content(file: &Path) -> Result<String, Box<dyn Error>> {
    let etag = format!("\"{}\"", fingerprint(&fs::read(file)?));
    let path = file.to_str().ok_or("its path is not UTF-8")?;
    Ok(format!(
        "Content {{ etag: {etag:?}, bytes: include_bytes!({path:?}) }}"
    ))
}

fn content_type(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}
