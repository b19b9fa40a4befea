/** Whether more than one engine thread would be worth having. */

import { bareLoop, checkAddr, checkAll } from "../contestants.ts";
import type { Table } from "../setting.ts";
import { against } from "./against.ts";

/** The bare loop and both ways to check, each once alone and once halved. */
export const twoLoops: Table = {
  name: "two",
  title: "Two engines in one process, port up, 100 checks at once in all",
  async measure(setting) {
    const pairs = [
      [bareLoop(setting.programs, "one bare loop"), bareLoop(setting.programs, "two bare loops", 2)],
      [checkAddr("checkAddr(), one checker"), checkAddr("checkAddr(), two checkers", { checkers: 2 })],
      [checkAll("checkAll(), one checker"), checkAll("checkAll(), two checkers", { checkers: 2 })],
    ];
    const texts: string[] = [];
    for (const pair of pairs) texts.push((await against(pair, setting)).text);
    return { text: texts.join("\n\n") };
  },
};
