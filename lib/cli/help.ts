/** What the command tells about itself. */

/** The exit statuses; one that ends the command by a signal is 128 and the signal's number, as shells have it. */
export const EXIT = { allUp: 0, someNot: 1, badArguments: 3, failed: 4, stdoutClosed: 141 } as const;

/** How the command is called. */
export const USAGE = `Usage: tcp-checker [options] HOST:PORT ...
       tcp-checker [options] -a HOST:PORT -n REQUESTS`;

/** The answer to `--help`. */
export const HELP = `Checks whether TCP ports answer, by half a handshake: the applications behind them notice nothing.

${USAGE}

A target is example.com:80, 192.0.2.1:80, [2001:db8::1]:80 or [fe80::1%eth0]:80. There is a line for each, in the order
given: the target, its status (up, refused, timeout, unreachable, unresolved or local-error), the round trip time or
the cause, and for a name the address that this is about. With -a or -n there is one summary of all checks instead.

Half-open checks need Linux. Elsewhere the checks are full connects, which applications notice and which need
--allow-net in place of --allow-ffi; the output says so.

Options:
  -a, --addr HOST:PORT   a target; gives the summary
  -n, --requests N       check each target N times (default: 1); gives the summary
  -c, --concurrency N    check N targets at once (default: 1 for the summary, else as the system's limits allow)
  -t, --timeout MS       time for each check in milliseconds, name resolution included (default: 1000)
  -v, --verbose          print the configuration, and each failed check of the summary, to stderr
  -h, --help             print this
      --version          print the version

Exit status:
  0    all checks were up
  1    some were not
  3    bad arguments, nothing was sent
  4    the command itself failed
  130  ended by SIGINT (Ctrl-C), what was known by then is printed
  141  stdout was closed
  143  ended by SIGTERM, what was known by then is printed`;
