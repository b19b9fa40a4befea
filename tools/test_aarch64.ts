/**
 * Tests the module for aarch64 in a user-space emulator; this kernel executes the system calls.
 *
 * First it runs the engine's tests, then the published library (`deno task bundle`) in Deno for aarch64. It needs
 * Debian's packages qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross, Rust's target and npm.
 */

import { Package } from "../tests/support/package.ts";

const TARGET = "aarch64-unknown-linux-gnu";
const EMULATOR = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];
const DENO = "target/aarch64-deno";

/** Tests of features that the emulator lacks. */
const UNSUPPORTED = [
  // The emulator passes on only the first four bytes of TCP_INFO, without the counters that these tests read.
  "a_probe_is_repeated_if_the_kernel_gives_up_before_the_deadline",
  "an_ack_by_mptcp_that_has_left_is_reported",
  "an_ack_that_has_left_is_detected",
  "an_ack_that_left_before_the_answer_was_read_is_reported",
  "an_address_times_out_after_the_permitted_syns",
  // The emulator lacks IP_BIND_ADDRESS_NO_PORT.
  "an_error_names_the_rejected_setting",
];

await run("cargo", [
  "test",
  "--locked",
  "--package=tcp_shaker",
  "--features=faults",
  `--target=${TARGET}`,
  "--lib",
  "--tests",
  "--no-fail-fast",
  "--",
  ...UNSUPPORTED.flatMap((test) => ["--skip", test]),
], {
  // In the emulator unoptimized code is very slow.
  CARGO_PROFILE_DEV_OPT_LEVEL: "3",
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: "aarch64-linux-gnu-gcc",
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER: EMULATOR.join(" "),
  TCP_SHAKER_TEST_RUNNER: EMULATOR.join(" "),
});

const [minor] = Deno.version.deno.match(/^\d+\.\d+/)!;
await Deno.mkdir(DENO, { recursive: true });
const archive = await pack(`@deno/linux-arm64-glibc@~${minor}`);
await run("tar", ["-xzf", `${DENO}/${archive}`, "-C", DENO]);
await using module = await Package.unpack();
await Deno.writeTextFile(
  `${module.path}/main.ts`,
  `
  import { checkAddr } from "./mod.ts";
  const { addr } = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const results = [await checkAddr(addr), await checkAddr("127.0.0.1:1"), await checkAddr("localhost:1")];
  const outcome = [Deno.build.target, ...results.map(({ status }) => status)].join(" ");
  console.log(outcome);
  if (outcome !== "${TARGET} up refused refused") Deno.exit(1);
  `,
);
const flags = ["run", "--no-check", "--no-prompt", "--allow-ffi", "--allow-net=127.0.0.1"];
await run(EMULATOR[0], [...EMULATOR.slice(1), `${DENO}/package/deno`, ...flags, `${module.path}/main.ts`]);

/** Downloads a package of npm. Returns the name of its archive. */
async function pack(name: string): Promise<string> {
  const args = ["pack", "--silent", "--pack-destination", DENO, name];
  const { success, stdout } = await new Deno.Command("npm", { args, stderr: "inherit" }).output();
  if (!success) throw new Error("npm failed");
  return new TextDecoder().decode(stdout).trim();
}

async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success } = await new Deno.Command(command, { args, env }).spawn().status;
  if (!success) throw new Error(`${command} failed`);
}
