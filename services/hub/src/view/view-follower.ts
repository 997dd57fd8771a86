import type { Ledger } from '@meridian/ledger';
import { errorText } from '@meridian/runtime';
import type { Part } from '@meridian/runtime';
import { emptyModel, foldChanges } from './fleet-model.ts';
import type { FleetModel, ModelChange } from './fleet-model.ts';
import { changeOfMessage, changeOfStatus } from './model-changes.ts';

/** The present model, and a way to learn that it changed. */
export interface ModelSource {
  model(): FleetModel;
  /** Calls `changed` after each change until the signal aborts. Many changes in a row may be one call. */
  onChange(changed: () => void, signal: AbortSignal): void;
}

/** A part that keeps the model of this replica by following the ledger and the status board. */
export function viewFollower(
  ledger: Pick<Ledger, 'follow' | 'statusBoard'>,
  options: { shard: string; log: { warn(fields: object, message: string): void } },
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
  const read = async <Item>(
    items: AsyncIterable<Item>,
    toChange: (item: Item) => ModelChange | undefined,
  ) => {
    for await (const item of items) {
      try {
        take(toChange(item));
      } catch (error) {
        options.log.warn({ error: errorText(error) }, 'a record cannot be shown');
      }
    }
  };
  const part: Part = {
    name: 'view',
    async start({ signal, fail }) {
      const ledgerEnd = read(ledger.follow({ filter: `ledger.${options.shard}.>`, signal }), changeOfMessage);
      const statusEnd = read(ledger.statusBoard.follow(signal), changeOfStatus);
      const ended = () =>
        signal.aborted ? undefined : fail(new Error('the view stopped following the ledger'));
      Promise.all([ledgerEnd, statusEnd]).then(ended, fail);
    },
  };
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
