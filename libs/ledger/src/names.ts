import { FaultError } from '@meridian/runtime/small';

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Gives `name` back when it is a DNS label, and so a safe NATS token; throws FaultError 'invalid' otherwise. */
export function safeToken(name: string, what: string): string {
  if (label.test(name)) return name;
  throw new FaultError(
    'invalid',
    `${what} ${JSON.stringify(name.slice(0, 80))} is not a DNS label (a-z, 0-9 and -, at most 63)`,
    {
      retry: 'never',
    },
  );
}

/** The hex part of a `sha256:<hex>` digest; throws FaultError 'invalid' for anything else. */
export function digestHex(digest: string): string {
  const found = /^sha256:([0-9a-f]{64})$/.exec(digest);
  if (found?.[1]) return found[1];
  throw new FaultError('invalid', `${JSON.stringify(digest.slice(0, 80))} is not a sha256 digest`, {
    retry: 'never',
  });
}

/** Name of the stream that holds bundles. */
export const bundleStream = 'MERIDIAN_BUNDLES';
/** Name of the stream that holds the last status per cluster and application. */
export const statusStream = 'MERIDIAN_STATUS';
/** Name of the stream that holds fleet events. */
export const eventStream = 'MERIDIAN_EVENTS';

/** Name of the ledger stream of a shard. */
export function ledgerStream(shard: string): string {
  return shard === 'main' ? 'MERIDIAN_LEDGER' : `MERIDIAN_LEDGER_${safeToken(shard, 'shard')}`;
}

/** The subjects of a shard's ledger. */
export const ledgerSubjects = {
  all: (shard: string) => `ledger.${shard}.>`,
  claim: (shard: string) => `ledger.${shard}.claim`,
  pulse: (shard: string) => `ledger.${shard}.pulse`,
  seal: (shard: string, id: string) => `ledger.${shard}.seal.${id}`,
  everySeal: (shard: string) => `ledger.${shard}.seal.*`,
  index: (shard: string, cluster: string) => `ledger.${shard}.index.${cluster}`,
  assign: (shard: string, cluster: string, application: string) =>
    `ledger.${shard}.assign.${cluster}.${application}`,
} as const;

/** Header names of ledger messages and bundle chunks. */
export const headerNames = {
  term: 'Meridian-Term',
  holder: 'Meridian-Holder',
  encoding: 'Meridian-Encoding',
  chunks: 'Meridian-Chunks',
  size: 'Meridian-Size',
  packing: 'Meridian-Packing',
  messageId: 'Nats-Msg-Id',
  expectedStream: 'Nats-Expected-Stream',
  expectedSequence: 'Nats-Expected-Last-Sequence',
  expectedMessageId: 'Nats-Expected-Last-Msg-Id',
  expectedSubjectSequence: 'Nats-Expected-Last-Subject-Sequence',
  expectedSubject: 'Nats-Expected-Last-Subject-Sequence-Subject',
} as const;
