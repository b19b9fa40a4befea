//! The files of the raw engine that its bare loop uses.

#[path = "../../src/raw/checksum.rs"]
pub mod checksum;
#[path = "../../src/raw/filter.rs"]
#[allow(dead_code)]
pub mod filter;
#[path = "../../src/raw/ip_header.rs"]
#[allow(dead_code)]
pub mod ip_header;
#[path = "../../src/raw/segment.rs"]
#[allow(dead_code)]
pub mod segment;
#[path = "../../src/raw/syn.rs"]
#[allow(dead_code)]
pub mod syn;
#[path = "../../src/raw/tcp_header.rs"]
pub mod tcp_header;
