/**
 * Builds the NATS server of the tests into `target/`: `deno task build:nats`.
 *
 * The source comes from the Go module proxy of the environment. Debian's nats-server is too old.
 */

/** The version of the server. */
export const VERSION = "2.15.3";

const FOLDER = decodeURIComponent(new URL("../../target/nats", import.meta.url).pathname);
const MODULE = `github.com/nats-io/nats-server/v2@v${VERSION}`;

/** The path of the built server. */
export const SERVER = `${FOLDER}/${VERSION}/nats-server`;

/**
 * Builds the server, unless it is built. Processes that call it at the same time build it once.
 *
 * @returns Why it can't be built; `undefined` if it is there.
 */
export async function buildServer(): Promise<string | undefined> {
  await Deno.mkdir(FOLDER, { recursive: true });
  using lock = await Deno.open(`${FOLDER}/lock`, { create: true, write: true });
  // Closing the file unlocks it.
  await lock.lock(true);
  return await isBuilt() ? undefined : await build();
}

async function isBuilt(): Promise<boolean> {
  return await Deno.stat(SERVER).then(({ isFile }) => isFile, () => false);
}

async function build(): Promise<string | undefined> {
  const command = new Deno.Command("go", {
    args: ["install", "-trimpath", MODULE],
    env: { GOBIN: `${FOLDER}/${VERSION}`, CGO_ENABLED: "0" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  try {
    const { success, stderr } = await command.output();
    if (success) return undefined;
    return `Go can't build nats-server ${VERSION}: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `Go is missing, which builds nats-server ${VERSION}`;
  }
}

if (import.meta.main) {
  const reason = await buildServer();
  if (reason !== undefined) console.error(reason);
  Deno.exit(reason === undefined ? 0 : 1);
}
