//! Certification: properties and refusals.
