//! gravity
