//! Addresses of pages and what answers them.

use axum::Router;

use super::http::Site;

/// Returns the router of pages.
pub fn router(_site: Site) -> Router<Site> {
    Router::new()
}
