//! Trade decisions: properties and refusals.
