/** A Deno program without this module: connect and close. */

import { expected, inLoops, measure, target, unexpected } from "./measure.ts";

const colon = target.lastIndexOf(":");
const address = { hostname: target.slice(0, colon), port: Number(target.slice(colon + 1)) };

await measure((checks) =>
  inLoops(checks, async () => {
    const status = await connect();
    if (status !== expected) unexpected(status);
  })
);

async function connect(): Promise<string> {
  try {
    (await Deno.connect(address)).close();
    return "up";
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return "refused";
    throw error;
  }
}
