import type { KubeObject } from '../../kube-object.ts';
import type { Happening } from './event-log.ts';

/** Different messages about one object and reason before they are told as one (client-go tools/record). */
const mostAlike = 10;
const alikeMs = 10 * 60_000;

/** How many events about one object a component may write at once, and how long it takes to be allowed one more. */
const burst = 25;
const refillMs = 5 * 60_000;

/** Objects that are remembered; those heard of longest ago are forgotten. */
const mostRemembered = 512;

/** How an event is to be written. */
export interface Told {
  /** The event that told the same before. */
  readonly name: string | undefined;
  readonly message: string;
  /** Remembers the name of the event that tells it now. */
  named(name: string): void;
}

/** What a component told about one object. */
interface Memory {
  /** Names of events by what they tell. */
  readonly names: Map<string, string>;
  readonly alike: Map<string, { readonly messages: Set<string>; atMs: number }>;
  tokens: number;
  filledAtMs: number;
}

/** Counts what happens again, tells what is alike as one, and drops what comes too often, as recorders of Kubernetes do. */
export class EventCorrelator {
  readonly #memories = new Map<string, Memory>();

  /** @returns how to write an event; undefined when there are too many about its object. */
  observe(about: KubeObject, { type, reason, message, action }: Happening, nowMs: number): Told | undefined {
    const memory = this.#memoryOf(about, nowMs);
    if (action === undefined && !spend(memory, nowMs)) return undefined;
    const kind = `${type} ${reason}`;
    const combined = action === undefined && isOneOfMany(memory, { kind, message, nowMs });
    const key = combined ? kind : `${kind} ${message}`;
    return {
      name: memory.names.get(key),
      message: combined ? `(combined from similar events): ${message}` : message,
      named: (name) => void memory.names.set(key, name),
    };
  }

  #memoryOf({ metadata: { uid = '' } }: KubeObject, nowMs: number): Memory {
    const memory = this.#memories.get(uid) ?? {
      ...{ names: new Map(), alike: new Map(), tokens: burst, filledAtMs: nowMs },
    };
    this.#memories.delete(uid);
    this.#memories.set(uid, memory);
    const [oldest] = this.#memories.keys();
    if (this.#memories.size > mostRemembered && oldest !== undefined) this.#memories.delete(oldest);
    return memory;
  }
}

function spend(memory: Memory, nowMs: number): boolean {
  const refilled = Math.floor((nowMs - memory.filledAtMs) / refillMs);
  if (refilled > 0) {
    memory.tokens = Math.min(burst, memory.tokens + refilled);
    memory.filledAtMs += refilled * refillMs;
  }
  if (memory.tokens === 0) return false;
  memory.tokens -= 1;
  return true;
}

function isOneOfMany(
  { alike }: Memory,
  { kind, message, nowMs }: { readonly kind: string; readonly message: string; readonly nowMs: number },
): boolean {
  const known = alike.get(kind);
  const record =
    known === undefined || nowMs - known.atMs > alikeMs
      ? { messages: new Set<string>(), atMs: nowMs }
      : known;
  record.atMs = nowMs;
  record.messages.add(message);
  alike.set(kind, record);
  if (record.messages.size < mostAlike) return false;
  record.messages.delete(message);
  return true;
}
