import { assertEquals, assertThrows } from "@std/assert";
import { withSealedFile } from "../../lib/native/sealed_file.ts";

const CONTENT = new TextEncoder().encode("a library");
const DIGEST = "80000001".padEnd(64, "0");

Deno.test("a sealed file can be read, and by nobody be changed", () => {
  let read: Uint8Array | undefined;
  withSealedFile(CONTENT, DIGEST, (path) => {
    read = Deno.readFileSync(path);
    using file = Deno.openSync(path, { read: true, write: true });
    assertThrows(() => file.writeSync(CONTENT), Deno.errors.PermissionDenied);
    assertThrows(() => file.truncateSync(1), Deno.errors.PermissionDenied);
    assertThrows(() => file.truncateSync(100), Deno.errors.PermissionDenied);
  });
  assertEquals(read, CONTENT);
});

Deno.test("a sealed file is gone afterwards, also when its user fails", () => {
  const paths: string[] = [];
  withSealedFile(CONTENT, DIGEST, (path) => paths.push(path));
  assertThrows(
    () =>
      withSealedFile(CONTENT, DIGEST, (path) => {
        paths.push(path);
        throw new Error("no library");
      }),
    Error,
    "no library",
  );
  assertEquals(paths.length, 2);
  for (const path of paths) assertThrows(() => Deno.readFileSync(path), Deno.errors.NotFound);
});

Deno.test("sealed files with other contents have other paths, whatever their descriptors are", () => {
  const paths = ["80000001", "80000002", "c0000001"].map((digest) => {
    let path = "";
    withSealedFile(CONTENT, digest.padEnd(64, "0"), (it) => path = it);
    return path;
  });
  assertEquals(new Set(paths.map((path) => path.replace(/\d+$/, ""))).size, 3);
});
