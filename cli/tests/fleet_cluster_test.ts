/** The guide's commands for a cluster of three servers, with TLS, on loopback. */

import { assertEquals, assertMatch } from "@std/assert";
import { connectFleet } from "../../fleet/lib/connect.ts";
import { setUpFleet } from "../../fleet/lib/setup.ts";
import { answered } from "../../fleet/tests/support/answered.ts";
import { eventually } from "../../fleet/tests/support/eventually.ts";
import { whyNoServer } from "../../fleet/tests/support/nats_server.ts";
import { ProcessLog } from "../../fleet/tests/support/process_log.ts";
import { SERVER } from "../../tools/nats/nats_server.ts";
import { testWith } from "../../tests/support/installed.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const [CONFIGURE, APPLY] = [...Deno.readTextFileSync(`${ROOT}fleet/docs/guide.md`).matchAll(/^```bash\n(.*?)^```$/gms)]
  .map(([, text]) => text);
/** Loopback addresses that replace the guide's. */
const NETWORK = `127.${128 + (Deno.pid >> 8 & 63)}.${Deno.pid & 255}.`;
const NUMBERS = [1, 2, 3];

/** Runs shell commands in a folder, with `tcp-checker` of this checkout. */
async function shell(folder: string, commands: string) {
  const program = `${Deno.execPath()} run --quiet --no-prompt --no-check --allow-all ${ROOT}cli/mod.ts`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euc", `tcp-checker() { ${program} "$@"; }\n${commands.replaceAll("192.0.2.", NETWORK)}`],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Creates a CA and a certificate for the servers. */
async function makeCertificates(folder: string): Promise<void> {
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  const { code, stderr } = await shell(
    folder,
    `openssl req -x509 ${key} -days 1 -subj /CN=authority -keyout ca-key.pem -out ca.pem
    openssl req ${key} -subj /CN=nats -keyout server-key.pem -out request.pem
    printf '%s' 'subjectAltName=IP:192.0.2.1,IP:192.0.2.2,IP:192.0.2.3' > extensions
    openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -days 1 -extfile extensions -out server.pem`,
  );
  assertEquals(code, 0, stderr);
}

/** A server. */
class Server implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly log: ProcessLog;

  constructor(folder: string, config: string) {
    const args = ["--config", config];
    this.#child = new Deno.Command(SERVER, { args, cwd: folder, stdout: "null", stderr: "piped" }).spawn();
    this.log = new ProcessLog(this.#child.stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // The process has already ended.
    }
    await Promise.all([this.#child.status, this.log.ended]);
  }
}

/** Configures the servers by the guide, in a folder with certificates. */
async function configure(folder: string): Promise<void> {
  await makeCertificates(folder);
  await Deno.writeTextFile(`${folder}/agents.txt`, "a\n");
  const { code, stderr } = await shell(folder, CONFIGURE.replace("/var/lib/nats", "data-$i"));
  assertEquals(code, 0, stderr);
}

const clusterTest = whyNoServer === undefined
  ? testWith
  : (_: string[], name: string) => Deno.test({ name: `${name} (skipped: ${whyNoServer})`, ignore: true, fn: () => {} });

clusterTest(
  ["openssl", "bash"],
  "the guide's commands set up a cluster that survives the loss of a server",
  async () => {
    const folder = await Deno.makeTempDir();
    await configure(folder);
    await Deno.writeTextFile(`${folder}/targets.txt`, "192.0.2.1:80\n");
    {
      await using stack = new AsyncDisposableStack();
      const [first] = NUMBERS.map((number) => stack.use(new Server(folder, `nats/nats-${number}.conf`)));
      const applied = await eventually(() => shell(folder, APPLY), ({ code }) => code === 0);
      assertMatch(applied.stdout, /The list [\da-f]{12} is in force: 1 target\n$/);
      await first[Symbol.asyncDispose]();
      const status = APPLY.replace("apply targets.txt --copies 3 --yes", "status");
      const seen = await eventually(() => shell(folder, status), ({ code }) => code === 1);
      assertMatch(seen.stdout, /^0 agents, 0 up, 0 down, 1 unknown, list [\da-f]{12}$/m);
      const admin = await connectFleet({
        servers: NUMBERS.map((number) => `tls://${NETWORK}${number}:4222`),
        name: "admin",
        seed: new TextEncoder().encode((await Deno.readTextFile(`${folder}/nats/admin.nk`)).trim()),
        ca: await Deno.readTextFile(`${folder}/ca.pem`),
      });
      // Changes need two of three servers.
      await answered(() => setUpFleet(admin));
      await admin.close();
    }
    await Deno.remove(folder, { recursive: true });
  },
);

clusterTest(["openssl", "bash"], "a server with a certificate of another CA can't join", async () => {
  const [folder, strange] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  await configure(folder);
  await makeCertificates(strange);
  const routes = NUMBERS.slice(0, 1).map((number) => `"nats-route://${NETWORK}${number}:6222"`);
  await Deno.writeTextFile(
    `${strange}/server.conf`,
    `server_name: stranger, listen: "${NETWORK}4:4222"
    cluster { name: "fleet", listen: "${NETWORK}4:6222", routes: [${routes}]
      tls { cert_file: "server.pem", key_file: "server-key.pem", ca_file: "${folder}/ca.pem" } }`,
  );
  {
    await using server = new Server(folder, "nats/nats-1.conf");
    await server.log.until(/Server is ready/);
    await using _stranger = new Server(strange, "server.conf");
    await server.log.until(/TLS route handshake error: .*(?:unknown authority|failed to verify)/);
    assertEquals(/Route connection created[^]*stranger|"stranger"/.test(server.log.text), false);
  }
  await Deno.remove(folder, { recursive: true });
  await Deno.remove(strange, { recursive: true });
});
