/** Table of the monitored targets by id, with indexes: targets in maintenance, targets per group. */

import type { Clock } from "./clock.ts";
import { TargetEntry } from "./target_entry.ts";
import type { GroupStormChange, Storms } from "./storms.ts";
import type { TargetSettings } from "./target.ts";
import type { Maintenance, TargetState } from "./target_state.ts";

/** Table of targets. All changes of a target's membership, group and maintenance use its methods. */
export class TargetTable {
  readonly #clock: Clock;
  readonly #storms: Storms;
  readonly #entries = new Map<string, TargetEntry>();
  readonly #inMaintenance = new Set<TargetEntry>();

  /**
   * Creates an empty table.
   *
   * @param clock The clock of new states.
   * @param storms The groups, which count their targets.
   */
  constructor(clock: Clock, storms: Storms) {
    this.#clock = clock;
    this.#storms = storms;
  }

  /** The number of targets. */
  get size(): number {
    return this.#entries.size;
  }

  /** Finds a target by its id. */
  get(id: string): TargetEntry | undefined {
    return this.#entries.get(id);
  }

  /**
   * Iterates over the targets, in the order of their addition. Targets may be added and removed during the iteration.
   */
  values(): MapIterator<TargetEntry> {
    return this.#entries.values();
  }

  /**
   * Inserts a target.
   *
   * @param settings The target's settings. The id must not be in the table.
   * @param saved A snapshot to restore. It is ignored if it is of another address: that is another target, as in
   * `set()`.
   * @returns The new entry.
   */
  insert(settings: TargetSettings, saved?: TargetState): TargetEntry {
    const entry = new TargetEntry(settings, this.#clock.now(), this.#clock.date());
    if (saved?.target === settings.target) entry.restore(saved, this.#clock.now(), this.#clock.date());
    this.#entries.set(settings.id, entry);
    this.#storms.add(entry);
    if (entry.maintenance !== undefined) this.#inMaintenance.add(entry);
    return entry;
  }

  /**
   * Removes a target.
   *
   * @returns Storms that end because of the removal.
   */
  remove(entry: TargetEntry): GroupStormChange[] {
    this.#inMaintenance.delete(entry);
    this.#entries.delete(entry.settings.id);
    return this.#storms.remove(entry, this.#clock.now());
  }

  /**
   * Changes the settings of a target. Its state remains.
   *
   * @returns Storms that end because the target has left its group.
   */
  change(entry: TargetEntry, settings: TargetSettings): GroupStormChange[] {
    if (entry.settings.group === settings.group) {
      entry.change(settings);
      this.#storms.raiseInterval(entry);
      return [];
    }
    const ended = this.#storms.remove(entry, this.#clock.now());
    entry.change(settings);
    this.#storms.add(entry);
    return ended;
  }

  /** Begins a maintenance, replaces its details, or ends it with `undefined`. The verdict remains. */
  setMaintenance(entry: TargetEntry, maintenance: Maintenance | undefined): void {
    entry.maintenance = maintenance;
    if (maintenance === undefined) this.#inMaintenance.delete(entry);
    else this.#inMaintenance.add(entry);
  }

  /** Lists the targets whose maintenance ends by itself at this wall-clock time or before. */
  maintenanceEnded(date: number): TargetEntry[] {
    const hasEnded = ({ maintenance }: TargetEntry) => maintenance?.until !== undefined && maintenance.until <= date;
    return [...this.#inMaintenance].filter(hasEnded);
  }
}
