//! The configuration of an engine.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::{self, Errno};

use crate::record::{ConfigRecord, Family};
use crate::status::Setting;
use crate::sys;

/// Options of an engine and of all its sockets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Config {
    /// The source address, with port 0.
    pub source: Option<SocketAddr>,
    /// The name of the outgoing interface (`SO_BINDTODEVICE`), padded with zeroes.
    pub interface: Option<[u8; 16]>,
    /// The mark for routing rules and firewalls (`SO_MARK`); 0, the system's default, is not set.
    pub mark: u32,
    /// The TOS byte of IPv4, or the traffic class of IPv6; 0, the system's default, is not set.
    pub tos: u8,
    /// The maximum number of SYN retransmissions to one address.
    pub syn_retries: Option<u8>,
    /// The kind of engine.
    pub kind: Kind,
    /// The maximum number of SYNs per second that a raw engine sends to other hosts; 0 for no limit.
    pub rate: u32,
    /// The number of engine threads besides the first. All threads share the limits.
    pub extra_threads: u8,
}

/// The kind of engine: how it sends probes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// One TCP socket per probe.
    #[default]
    Sockets = 0,
    /// Raw sockets: the engine builds its own packets.
    Raw = 1,
}

/// A configuration error: the setting that the system rejects, and the `errno`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ConfigError {
    /// The setting that was rejected.
    pub setting: Setting,
    /// The error of the system.
    pub errno: Errno,
}

impl Config {
    /// Decodes a configuration record.
    pub fn decode(bytes: &[u8]) -> Result<Self, ConfigError> {
        let malformed = ConfigError { setting: Setting::None, errno: Errno::INVAL };
        let record: ConfigRecord = bytemuck::try_pod_read_unaligned(bytes).map_err(|_| malformed)?;
        let kind = match record.kind {
            0 => Kind::Sockets,
            1 => Kind::Raw,
            _ => return Err(malformed),
        };
        let source = (record.source.family != 0).then(|| record.source.decode(0));
        Ok(Self {
            source: source.transpose().map_err(ConfigError::of(Setting::Source))?,
            interface: (record.interface[0] != 0).then_some(record.interface),
            mark: record.mark,
            tos: record.tos,
            syn_retries: u8::try_from(record.syn_retries).ok(),
            kind,
            rate: record.rate,
            extra_threads: u8::try_from(record.extra_threads).map_err(|_| malformed)?,
        })
    }

    /// The number of engine threads.
    pub fn threads(&self) -> usize {
        1 + usize::from(self.extra_threads)
    }

    /// The address family of the source, the only family that can be checked. `None` without a source.
    pub fn family(&self) -> Option<Family> {
        self.source.as_ref().map(Family::of)
    }

    /// Sets all options on a new socket. The options survive a disconnect, because `tcp_disconnect()` keeps the local
    /// address of a bound socket (`SOCK_BINDADDR_LOCK`).
    pub fn apply(&self, socket: BorrowedFd<'_>, family: Family) -> Result<(), ConfigError> {
        if let Some(interface) = &self.interface {
            sys::bind_to_interface(socket, interface).map_err(ConfigError::of(Setting::Interface))?;
        }
        if self.mark != 0 {
            sys::set_mark(socket, self.mark).map_err(ConfigError::of(Setting::Mark))?;
        }
        if self.tos != 0 {
            let set = if family == Family::V4 { sys::set_tos } else { sys::set_traffic_class };
            set(socket, self.tos).map_err(ConfigError::of(Setting::Tos))?;
        }
        if let Some(source) = &self.source {
            sys::bind_address(socket, source).map_err(ConfigError::of(Setting::Source))?;
        }
        Ok(())
    }

    /// Sets all options on a raw socket.
    pub fn apply_to_raw(&self, socket: BorrowedFd<'_>, family: Family) -> Result<(), ConfigError> {
        Self { source: None, interface: None, ..*self }.apply(socket, family)?;
        self.bind_raw(socket, family)
    }

    /// Binds a raw socket to the interface by its name, and to the source if it has the same family. Must be called
    /// again after a disconnect, which drops both. (A raw socket has no port, so it needs no `IP_BIND_ADDRESS_NO_PORT`.)
    pub fn bind_raw(&self, socket: BorrowedFd<'_>, family: Family) -> Result<(), ConfigError> {
        if let Some(interface) = &self.interface {
            sys::bind_to_interface(socket, interface).map_err(ConfigError::of(Setting::Interface))?;
        }
        match &self.source {
            Some(source) if Family::of(source) == family => {
                sys::bind(socket, source).map_err(ConfigError::of(Setting::Source))
            }
            _ => Ok(()),
        }
    }

    /// Tries the options on a socket that sends nothing, so that the start reports an error, and not each check.
    pub fn try_out(&self) -> Result<(), ConfigError> {
        if *self == Self::default() {
            return Ok(());
        }
        let open = |family: Family| io::Result::Ok((sys::full_socket(family.into())?, family));
        let (socket, family) = match self.family() {
            Some(family) => open(family)?,
            None => open(Family::V4).or_else(|_| open(Family::V6))?,
        };
        self.apply(socket.as_fd(), family)
    }

    /// The error of a source or an interface that has disappeared since the start. The sockets may report none, because
    /// they were bound before, although their SYNs or the answers are dropped.
    pub fn loss(&self) -> Option<Errno> {
        if self.source.is_none() && self.interface.is_none() {
            return None;
        }
        let error = self.try_out().err()?;
        [Setting::Source, Setting::Interface].contains(&error.setting).then_some(error.errno)
    }
}

impl ConfigError {
    /// The code that crosses the boundary: negative, with the setting above the `errno`.
    pub fn code(self) -> i32 {
        -((self.setting as i32) << 16 | self.errno.raw_os_error())
    }

    /// Adds the setting to an `errno`; for `map_err()`.
    pub(crate) fn of(setting: Setting) -> impl Fn(Errno) -> Self {
        move |errno| Self { setting, errno }
    }
}

/// An error of the engine itself, not of a setting.
impl From<Errno> for ConfigError {
    fn from(errno: Errno) -> Self {
        Self { setting: Setting::None, errno }
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;
    use crate::record::AddressRecord;

    fn record() -> ConfigRecord {
        ConfigRecord { syn_retries: -1, ..ConfigRecord::zeroed() }
    }

    fn padded<const SIZE: usize>(text: &str) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        bytes
    }

    fn decode(record: ConfigRecord) -> Result<Config, ConfigError> {
        Config::decode(bytemuck::bytes_of(&record))
    }

    #[test]
    fn a_record_of_zeroes_is_the_default_configuration() {
        assert_eq!(decode(record()), Ok(Config::default()));
    }

    #[test]
    fn each_option_of_a_record_is_decoded() {
        let record = ConfigRecord {
            source: AddressRecord::parse("2001:db8::1").unwrap(),
            interface: padded("eth0"),
            mark: u32::MAX,
            tos: 0xb8,
            syn_retries: 0,
            extra_threads: 2,
            ..record()
        };
        let config = decode(record).unwrap();
        assert_eq!(config.source.unwrap().to_string(), "[2001:db8::1]:0");
        assert_eq!((config.family(), config.interface), (Some(Family::V6), Some(padded("eth0"))));
        assert_eq!((config.mark, config.tos, config.syn_retries), (u32::MAX, 0xb8, Some(0)));
        assert_eq!(config.threads(), 3);
    }

    #[test]
    fn malformed_records_are_rejected() {
        let config_error = |setting| Err(ConfigError { setting, errno: Errno::INVAL });
        let bytes = [0; size_of::<ConfigRecord>()];
        assert_eq!(Config::decode(&bytes[1..]), config_error(Setting::None));
        assert_eq!(decode(ConfigRecord { kind: 2, ..record() }), config_error(Setting::None));
        assert_eq!(decode(ConfigRecord { extra_threads: 256, ..record() }), config_error(Setting::None));
        let source = AddressRecord { family: 5, ..AddressRecord::zeroed() };
        assert_eq!(decode(ConfigRecord { source, ..record() }), config_error(Setting::Source));
    }

    #[test]
    fn codes_contain_the_setting_and_the_errno() {
        let code = |setting| ConfigError { setting, errno: Errno::PERM }.code();
        assert_eq!((code(Setting::None), code(Setting::Mark)), (-1, -(3 << 16 | 1)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri has no sockets")]
    fn an_error_names_the_rejected_setting() {
        let source = Some(([192, 0, 2, 1], 0).into());
        let refused = Config { source, ..Config::default() }.try_out();
        assert_eq!(refused, Err(ConfigError { setting: Setting::Source, errno: Errno::ADDRNOTAVAIL }));
        let interface = Some(padded("nosuch0"));
        let refused = Config { interface, ..Config::default() }.try_out();
        assert_eq!(refused, Err(ConfigError { setting: Setting::Interface, errno: Errno::NODEV }));
        let source = Some(([127, 0, 0, 2], 0).into());
        assert_eq!(Config { source, tos: 0x10, syn_retries: Some(1), ..Config::default() }.try_out(), Ok(()));
    }
}
