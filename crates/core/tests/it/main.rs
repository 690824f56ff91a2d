//! Integration tests of `comity-core`, one module an area.

mod case;
