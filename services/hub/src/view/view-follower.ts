import type { Ledger } from '@meridian/ledger';
import { errorText } from '@meridian/runtime';
import type { Part } from '@meridian/runtime';
import { loopPart } from '../loop-part.ts';
import type { StatusFeed } from '../status-feed.ts';
import { emptyModel, foldChanges } from './fleet-model.ts';
import type { FleetModel, ModelChange } from './fleet-model.ts';
import { changeOfMessage, changeOfStatus } from './model-changes.ts';

/** The present model, and a way to learn that it changed. */
export interface ModelSource {
  model(): FleetModel;
  /** Calls `changed` after each change until the signal aborts. Many changes in a row may be one call. */
  onChange(changed: () => void, signal: AbortSignal): void;
}

/** A part that keeps the model of this replica by following the ledger and what agents say. */
export function viewFollower(
  ledger: Pick<Ledger, 'follow'>,
  options: {
    readonly shard: string;
    readonly statuses: Pick<StatusFeed, 'listen'>;
    readonly log: { warn(fields: object, message: string): void };
  },
): { part: Part; source: ModelSource } {
  let model = emptyModel;
  const listeners = new Set<() => void>();
  let announced: FleetModel = model;
  /** What was read in this turn of the event loop; folded together, at the latest when the turn ends. */
  let waiting: ModelChange[] = [];
  const fold = () => {
    if (waiting.length === 0) return;
    model = foldChanges(model, waiting);
    waiting = [];
  };
  const announce = () => {
    fold();
    if (model === announced) return;
    announced = model;
    for (const listener of listeners) listener();
  };
  const take = (change: ModelChange | undefined) => {
    if (!change) return;
    if (waiting.length === 0) setImmediate(announce);
    waiting.push(change);
  };
  const read = (toChange: () => ModelChange | undefined) => {
    try {
      take(toChange());
    } catch (error) {
      options.log.warn({ error: errorText(error) }, 'a record cannot be shown');
    }
  };
  options.statuses.listen((entry) => read(() => changeOfStatus(entry)));
  const part = loopPart('view', async (signal) => {
    for await (const message of ledger.follow({ filter: `ledger.${options.shard}.>`, signal }))
      read(() => changeOfMessage(message));
  });
  const source: ModelSource = {
    model: () => {
      fold();
      return model;
    },
    onChange(changed, signal) {
      if (signal.aborted) return;
      listeners.add(changed);
      signal.addEventListener('abort', () => listeners.delete(changed), { once: true });
    },
  };
  return { part, source };
}
