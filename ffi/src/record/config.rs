//! The record of an engine's configuration.

use bytemuck::{Pod, Zeroable};

use super::AddressRecord;

/// The configuration of an engine; [`crate::Config`] is its decoded form.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ConfigRecord {
    /// The mark of packets, 0 for none.
    pub mark: u32,
    /// The maximum number of SYN retransmissions per address; -1 for no limit.
    pub syn_retries: i16,
    /// The TOS byte, or traffic class.
    pub tos: u8,
    /// The kind of engine: a [`Kind`](crate::Kind).
    pub kind: u8,
    /// The interface's name, padded with zeroes (`IFNAMSIZ`).
    pub interface: [u8; 16],
    /// The source address. All zeroes mean none.
    pub source: AddressRecord,
    /// The maximum number of SYNs per second that a raw engine sends to other hosts; 0 for no limit.
    pub rate: u32,
    /// The number of engine threads besides the first.
    pub extra_threads: u32,
}
