import {
  FaultRuleError,
  fieldsOf,
  isRecord,
  numberIn,
  oneOf,
  optional,
  someText,
  someTexts,
} from './read-fields.ts';
import type { Read, Reader } from './read-fields.ts';

const milliseconds = numberIn(0, 24 * 3_600_000);
const count = numberIn(0, 1_000_000_000);
const code = numberIn(400, 599);

/** When a fault of a watch begins: at once unless an age or a number of events is told, then at the first that is reached. */
const start = { afterMs: optional(milliseconds), afterEvents: optional(count) };

const match = fieldsOf({
  /** As RBAC names them: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  verbs: optional(someTexts),
  /** `pods`, `deployments.apps`, `deployments.apps/scale`, `pods/*`; with `*` for any resource. */
  resources: optional(someTexts),
  namespaces: optional(someTexts),
  names: optional(someTexts),
  /** User names. */
  users: optional(someTexts),
  /** What a user agent begins with: `kubectl/`. */
  userAgents: optional(someTexts),
});

const faults = {
  /** Waits before the request is looked at. */
  delay: fieldsOf({ kind: oneOf('delay'), delayMs: milliseconds, jitterMs: optional(milliseconds) }),
  /** Refuses: 429 as flow control does, all else with a Status. */
  refuse: fieldsOf({
    kind: oneOf('refuse'),
    code,
    retryAfterSeconds: optional(numberIn(0, 86_400)),
    reason: optional(someText),
    message: optional(someText),
  }),
  /** Cuts the connection: before the request was looked at, or after all was done but the answer. */
  drop: fieldsOf({ kind: oneOf('drop'), when: oneOf('before', 'after') }),
  /** Cuts the connection in the middle of the answer. */
  truncate: fieldsOf({ kind: oneOf('truncate'), afterBytes: count }),
  /** Sends the answer slowly. */
  slow: fieldsOf({ kind: oneOf('slow'), bytesPerSecond: numberIn(1, 1_000_000_000) }),
  /** Ends a watch: properly, or by cutting the connection. */
  dropWatch: fieldsOf({ kind: oneOf('dropWatch'), how: oneOf('end', 'cut'), ...start }),
  /** Holds back all that a watch would send, and its end; sends it when the rule is removed. */
  silenceWatch: fieldsOf({ kind: oneOf('silenceWatch'), ...start }),
  /** Ends a watch with an event of type ERROR; 410 Expired unless told. */
  failWatch: fieldsOf({
    kind: oneOf('failWatch'),
    code: optional(code),
    reason: optional(someText),
    message: optional(someText),
    ...start,
  }),
  /** Answers as if the past were compacted: watches and lists from a revision, pages that continue. */
  expire: fieldsOf({ kind: oneOf('expire') }),
  /** Really forgets the past when a request comes, before it is answered. */
  compact: fieldsOf({ kind: oneOf('compact') }),
  /** Sets the clock of the API server wrong, for all, as long as the rule is there. */
  skewClock: fieldsOf({ kind: oneOf('skewClock'), byMs: numberIn(-3_155_760_000_000, 3_155_760_000_000) }),
  /** Does what a mutating webhook does, without one. */
  mutate: fieldsOf({
    kind: oneOf('mutate'),
    /** The name by which refusals tell it. */
    webhook: someText,
    /** A container to put into new pods. */
    sidecar: optional(fieldsOf({ name: someText, image: someText })),
    /** How many replicas workloads get, whatever is asked for. */
    replicas: optional(numberIn(0, 1_000_000)),
    delayMs: optional(milliseconds),
    /** Why it denies the request. */
    denies: optional(someText),
    /** Why it cannot be called. */
    fails: optional(someText),
  }),
} as const satisfies Readonly<Record<string, Reader<unknown>>>;

type Present<T> = { readonly [N in keyof T as undefined extends T[N] ? never : N]: T[N] } & {
  readonly [N in keyof T as undefined extends T[N] ? N : never]?: T[N];
};

/** What goes wrong. */
export type Fault = { [K in keyof typeof faults]: Present<Read<(typeof faults)[K]>> }[keyof typeof faults];

/** One kind of fault. */
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

/** Which requests go wrong; all unless told. */
export type FaultMatch = Present<Read<typeof match>>;

/** What goes wrong and when. */
export interface FaultRule {
  readonly match?: FaultMatch | undefined;
  /** How many of a hundred requests that match meet the fault; all unless told. */
  readonly percent?: number | undefined;
  /** How many requests are let through before. */
  readonly skip?: number | undefined;
  /** How many meet it; no end unless told. */
  readonly count?: number | undefined;
  readonly fault: Fault;
}

const readFault: Reader<Fault> = (value, at) => {
  const kind = isRecord(value) ? value['kind'] : undefined;
  const known = Object.entries(faults).find(([name]) => name === kind);
  if (known !== undefined) return known[1](value, at);
  throw new FaultRuleError(`${at}.kind: must be one of ${Object.keys(faults).join(', ')}`);
};

const rule = fieldsOf({
  match: optional(match),
  percent: optional(numberIn(0, 100)),
  skip: optional(count),
  count: optional(count),
  fault: readFault,
});

/** Reads a rule, whatever it came as. Throws FaultRuleError. */
export function readFaultRule(value: unknown): FaultRule {
  return rule(value, 'rule');
}
