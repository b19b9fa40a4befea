/** Checks of as many targets as HAProxy has. */

import { checkAddr, haproxy } from "../harness/contestants.ts";
import type { Table } from "../harness/setting.ts";
import { against } from "./against.ts";

const SERVERS = 600;

/** CPU time compared with HAProxy's. */
export const haproxyTable: Table = {
  name: "haproxy",
  title: `HAProxy, ${SERVERS} servers at \`inter 10ms\``,
  isolated: true,
  needs: "haproxy",
  async measure(setting) {
    const us = checkAddr(`checkAddr(), ${SERVERS} at once`, { concurrency: SERVERS });
    const { text, cpu } = await against([haproxy(setting.programs.haproxy!, SERVERS), us], setting);
    return { text, figures: { cpuToHaproxy: cpu(us.name) } };
  },
};
