//! Style and icons: embedded, named by their hash so that they may be kept for ever.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// A file that pages refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The address, which changes with the bytes.
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// The bytes.
    pub body: &'static str,
    /// SHA-256 in hex, which serves as a strong validator.
    pub sha256: String,
}

/// The addresses that the layout uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The one style sheet.
    pub css: &'static str,
    /// The icon of the site.
    pub favicon: &'static str,
    /// The sprite of all icons.
    pub icons: &'static str,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("app", "css", "text/css; charset=utf-8", include_str!("../../assets/app.css")),
        asset("favicon", "svg", "image/svg+xml", include_str!("../../assets/favicon.svg")),
        asset("icons", "svg", "image/svg+xml", include_str!("../../assets/icons.svg")),
    ]
});

/// Returns everything that is served below `/assets/`, immutable.
#[must_use]
pub fn all() -> &'static [Asset] {
    ASSETS.as_slice()
}

/// Returns the asset of an address.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// Returns the addresses for the layout.
#[must_use]
pub fn addresses() -> Addresses {
    let [css, favicon, icons] = &*ASSETS;
    Addresses { css: &css.path, favicon: &favicon.path, icons: &icons.path }
}

fn asset(name: &str, extension: &str, media_type: &'static str, body: &'static str) -> Asset {
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(body));
    let short = sha256.get(..12).unwrap_or(&sha256);
    Asset { path: format!("/assets/{name}.{short}.{extension}"), media_type, body, sha256 }
}
