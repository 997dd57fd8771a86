import { backoffMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock, Slices } from '@meridian/runtime';
import { applicationLabel } from '../ports.ts';
import type { KindRef, KubeNote, KubePort, Log } from '../ports.ts';
import { createContact } from './contact.ts';
import type { Contact } from './contact.ts';

/** Watches of managed objects, one for each kind in use. */
export interface WatchSet {
  /** Watches exactly these kinds from now on; others are stopped. */
  retain(kinds: Iterable<KindRef>): void;
  isWatched(kind: KindRef): boolean;
  /** Whether the first list of the kind is in. */
  isSynced(kind: KindRef): boolean;
  /** Why what was told of the kind cannot be relied on now, as a sentence; undefined when it can, or is not watched. */
  lost(kind: KindRef): string | undefined;
  /** Resolves when the first list of each kind is in, or after `patienceMs`; a kind that does not exist never is. */
  synced(kinds: Iterable<KindRef>, patienceMs: number, signal: AbortSignal): Promise<void>;
}

/** What a set of watches needs. */
export interface WatchSetConfig {
  readonly kube: Pick<KubePort, 'watch'>;
  readonly clock: Clock;
  readonly slices: Slices;
  readonly random: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onNote: (note: KubeNote) => void;
  /** A bug in here must not end a watch quietly. */
  readonly fail: (error: unknown) => void;
}

interface Watching {
  readonly stop: AbortController;
  readonly synced: Promise<void>;
  readonly state: { isSynced: boolean };
  readonly contact: Contact;
}

const backoff = { firstMs: 500, factor: 2, capMs: 15_000 };

const kindText = (kind: KindRef): string => `${kind.apiVersion}/${kind.kind}`;

/** Opens an empty set. Watches end with `signal`; one that fails (its kind is not there yet) is tried again for ever. */
export function openWatchSet(config: WatchSetConfig): WatchSet {
  const watching = new Map<string, Watching>();

  const start = (kind: KindRef) => {
    const stop = new AbortController();
    const state = { isSynced: false };
    const { promise, resolve } = Promise.withResolvers<void>();
    const signal = AbortSignal.any([config.signal, stop.signal]);
    const onSynced = () => {
      state.isSynced = true;
      resolve();
    };
    const contact = createContact(config.clock, kindText(kind));
    watching.set(kindText(kind), { stop, state, contact, synced: promise });
    void follow(config, kind, { signal, contact, onSynced }).catch(config.fail);
  };

  return {
    retain(kinds) {
      const wanted = new Map([...kinds].map((kind) => [kindText(kind), kind]));
      for (const [text, { stop }] of watching) {
        if (wanted.has(text)) continue;
        stop.abort();
        watching.delete(text);
      }
      for (const [text, kind] of wanted) if (!watching.has(text)) start(kind);
    },
    isWatched: (kind) => watching.has(kindText(kind)),
    isSynced: (kind) => watching.get(kindText(kind))?.state.isSynced ?? false,
    lost: (kind) => watching.get(kindText(kind))?.contact.lost(),
    async synced(kinds, patienceMs, signal) {
      const lists = [...kinds].flatMap((kind) => watching.get(kindText(kind))?.synced ?? []);
      const patience = new AbortController();
      const late = config.clock.wait(patienceMs, AbortSignal.any([signal, patience.signal]));
      await Promise.race([Promise.all(lists), late]);
      patience.abort();
    },
  };
}

interface Following {
  readonly signal: AbortSignal;
  readonly contact: Contact;
  readonly onSynced: () => void;
}

async function follow(config: WatchSetConfig, kind: KindRef, following: Following): Promise<void> {
  const { signal } = following;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    if (await followOnce(config, kind, following)) attempt = 0;
    await config.clock.wait(backoffMs(backoff, attempt, config.random()), signal);
  }
}

/** Whether the watch told anything before it ended. */
async function followOnce(
  config: WatchSetConfig,
  kind: KindRef,
  { signal, contact, onSynced }: Following,
): Promise<boolean> {
  let told = false;
  try {
    for await (const note of config.kube.watch(kind, applicationLabel, { signal, contact })) {
      if (signal.aborted) return told;
      told = true;
      config.onNote(note);
      if (note.type === 'synced') onSynced();
      await config.slices.between();
    }
  } catch (error) {
    if (signal.aborted) return told;
    if (!(error instanceof FaultError)) throw error;
    contact.failed(error);
    config.log.debug({ object: kindText(kind), error: errorText(error) }, 'watch ended and is tried again');
  }
  return told;
}
