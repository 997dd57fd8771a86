import type { FleetEvent } from '@meridian/fleet';
import type { Clock, Slices } from '@meridian/runtime';
import type { Tracer } from '@meridian/telemetry';
import type { LocalAccounts } from '../assignments/account.ts';
import type { ReadAgeKeys } from '../decryption/age-keys.ts';
import type { Judges } from '../assignments/judges.ts';
import type { Limiter } from '../limiter.ts';
import type { LocalLimits } from '../limits/local-limits.ts';
import type { AgentMetrics } from '../metrics.ts';
import type { KubePort, Log, StateStore, VerifyEnvelope } from '../ports.ts';
import type { WatchSet } from '../watching/watch-set.ts';
import type { ObjectClaims } from './object-claims.ts';

/** An application that waits for an object which another one has. */
export interface Heir {
  readonly application: string;
  /** Tells it that the object is its own by now. */
  take(): void;
}

/** What deleting objects needs of the rest. */
export interface PruneContext extends Pick<
  EngineContext,
  'clock' | 'log' | 'limiter' | 'limits' | 'claims' | 'heirOf' | 'tell'
> {
  readonly kube: Pick<KubePort, 'get' | 'remove'>;
}

/** What every application of the agent shares. */
export interface EngineContext {
  readonly cluster: string;
  /** The namespace that the agent lives in, where no application may change anything. */
  readonly ownNamespace: string;
  /** By whose rights applications may be written. */
  readonly accounts: LocalAccounts;
  readonly kube: KubePort;
  /** The keys that Secrets of bundles are decrypted with, as they are now. */
  readonly readAgeKeys: ReadAgeKeys;
  readonly store: StateStore;
  readonly verify: VerifyEnvelope;
  readonly clock: Clock;
  /** In [0, 1); spreads retries. */
  readonly random: () => number;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly limiter: Limiter;
  /** Shared by all long work, so that it never holds the event loop up. */
  readonly slices: Slices;
  readonly judges: Judges;
  /** What the administrator of this cluster lets the agent do; `kube` is held to it already. */
  readonly limits: LocalLimits;
  readonly metrics: AgentMetrics;
  readonly claims: ObjectClaims;
  readonly watches: WatchSet;
  /** Says that an application has objects of other kinds now. */
  readonly kindsChanged: () => void;
  /** Says that an application has other checks now. */
  readonly checksChanged: () => void;
  /** Resolves once every application has tried to take up what was kept of it; watches begin then. */
  readonly allRestored: () => Promise<unknown>;
  /**
   * Which other application of this cluster wants an object now. `unread` while one of them has not taken up what was kept of
   * it, and may want it.
   */
  readonly heirOf: (id: string, application: string) => Heir | 'unread' | undefined;
  /** Says that an object which `owner` has is waited for; `owner` gives it up unless it names the object itself. */
  readonly askFor: (id: string, owner: string) => void;
  /** Says that the status of an application may have changed. */
  readonly changed: (application: string) => void;
  readonly tell: (event: Omit<FleetEvent, 'atMs' | 'cluster'>) => void;
}
