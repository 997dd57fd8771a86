import type { ApplicationStatus, Assignment, SignedEnvelope } from '@meridian/fleet';
import { keyOf, keyText } from '@meridian/manifests';
import { backoffMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import { decideAcceptance } from '../assignments/acceptance.ts';
import type { Acceptance, Known } from '../assignments/acceptance.ts';
import { judgeAccount } from '../assignments/account.ts';
import { createJudges } from '../assignments/judges.ts';
import { openCheckRounds } from '../checks/run-checks.ts';
import type { CheckRounds } from '../checks/run-checks.ts';
import type { MetricSources } from '../checks/metric-sources.ts';
import { openBundle, ownNamespaceProblem, packBundle } from '../assignments/bundle.ts';
import type { InventoryEntry, KeptRecord, KubeNote } from '../ports.ts';
import { limitKube } from '../limits/limited-kube.ts';
import { openPodProbe } from '../watching/pod-probe.ts';
import { openWatchSet } from '../watching/watch-set.ts';
import { Application } from './application.ts';
import type { EngineContext } from './context.ts';
import { createObjectClaims } from './object-claims.ts';

/** What the engine is made of; the rest of the context it makes itself. */
export type EngineConfig = Omit<
  EngineContext,
  'claims' | 'judges' | 'watches' | 'kindsChanged' | 'checksChanged' | 'allRestored' | 'heirOf' | 'askFor'
> & {
  /** Where metrics can be asked for; the administrator of the cluster names them. */
  readonly metricSources: MetricSources;
};

/** An assignment as it was read, with the way to read its bundle. */
export interface ReadAssignment {
  readonly application: string;
  readonly envelope: SignedEnvelope;
  readonly traceparent: string | undefined;
  readonly readBundle: (digest: string) => Promise<Uint8Array>;
}

/** All applications of this cluster. */
export interface Engine {
  /** Takes what was kept and starts to reconcile it; needs neither NATS nor hub. Returns when the kept state is read. */
  start(signal: AbortSignal, fail: (error: unknown) => void): Promise<void>;
  /** Ends when every mailbox has come to rest after the signal of `start` aborted. */
  stopped(): Promise<void>;
  /**
   * Decides on an assignment: verify, compare with what is known, fetch and prove the bundle, then hand it to its
   * application. Throws FaultError when the bundle cannot be had now.
   */
  offer(read: ReadAssignment): Promise<Acceptance>;
  applications(): readonly string[];
  status(application: string): ApplicationStatus | undefined;
  traceparent(application: string): string | undefined;
  /** Whether the kept state has been read from every place that could have it. */
  isComplete(): boolean;
}

const sightMs = 500;
const loadRetry = { firstMs: 500, factor: 2, capMs: 5_000 };

/** Makes an engine. */
export function createEngine(config: EngineConfig): Engine {
  const applications = new Map<string, Application>();
  const running: Promise<void>[] = [];
  /** What was refused last, by application. */
  const told = new Map<string, string>();
  /** Why what the ledger offers now is refused, by application. */
  const refusals = new Map<string, string>();
  /** Why the kept state is not known yet. */
  let unread: string | undefined = 'the kept state is not read yet';
  let start: (application: Application) => void = () => undefined;
  let context: EngineContext | undefined;
  let checkRounds: CheckRounds | undefined;

  const onNote = (note: KubeNote) => {
    if (note.type === 'synced') return;
    const id = keyText(keyOf(note.object));
    const owner = context?.claims.ownerOf(id);
    if (owner !== undefined && applications.get(owner)?.see(id, note)) return;
    for (const application of applications.values()) if (application.see(id, note)) return;
  };

  const heirOf: EngineContext['heirOf'] = (id, owner) => {
    const others = [...applications.values()].filter(({ name }) => name !== owner);
    const heir = others.find((application) => application.wants(id) === true);
    if (heir) return { application: heir.name, take: () => heir.nudge() };
    return others.some((application) => application.wants(id) === 'unread') ? 'unread' : undefined;
  };

  // One that names the object itself will not give it up; asking it would make the two wake each other for ever.
  const askFor: EngineContext['askFor'] = (id, owner) => {
    const present = applications.get(owner);
    if (present?.wants(id) === false) present.nudge();
  };

  const open = (name: string, within: EngineContext): Application => {
    const present = applications.get(name);
    if (present) return present;
    const application = new Application(name, within);
    applications.set(name, application);
    start(application);
    return application;
  };

  const restore = async (kept: readonly KeptRecord[], within: EngineContext) => {
    await config.slices.between();
    for (const { entry, application } of madeFirst(kept)) {
      await config.slices.between();
      within.claims.claim(keyText(entry), application);
    }
    // All of them at once: watches begin when every application there is has said what it has.
    for (const one of kept) open(one.record.application, within).restore(one);
  };

  const load = async (within: EngineContext, signal: AbortSignal) => {
    try {
      await restore(await config.store.load(signal), within);
      unread = undefined;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof FaultError)) throw error;
      noteUnread(error);
    }
  };

  const noteUnread = (error: FaultError) => {
    const message = `nothing is applied until the kept state can be read: ${errorText(error)}`;
    config.log.error(
      { reason: errorText(error) },
      'kept state cannot be read; nothing is applied until it can',
    );
    if (unread !== message) config.tell({ level: 'error', type: 'state.unread', message });
    unread = message;
  };

  const loadAgain = async (within: EngineContext, signal: AbortSignal) => {
    for (let attempt = 0; unread !== undefined && !signal.aborted; attempt += 1) {
      await config.clock.wait(backoffMs(loadRetry, attempt, config.random()), signal);
      await load(within, signal);
    }
  };

  const watchSight = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      for (const application of applications.values()) application.checkSight();
      await config.clock.wait(sightMs, signal);
    }
  };

  // A repeated read of the same refused envelope is not news.
  const refuse = (read: ReadAssignment, kind: string, reason: string): Acceptance => {
    const message = `refused an assignment: ${reason}`;
    if (refusals.get(read.application) !== message) {
      refusals.set(read.application, message);
      config.changed(read.application);
    }
    if (told.get(read.application) !== read.envelope.payload + reason) {
      told.set(read.application, read.envelope.payload + reason);
      config.metrics.refused(kind);
      config.log.error({ application: read.application, reason }, 'refused assignment');
      config.tell({ level: 'error', type: 'assignment.refused', application: read.application, message });
    }
    return { decision: 'refuse', reason };
  };

  const noteTaken = (application: string) => {
    if (refusals.delete(application)) config.changed(application);
  };

  return {
    async start(signal, fail) {
      const { kube, clock, slices, random, log, limits } = config;
      const watches = openWatchSet({ kube, clock, slices, random, log, signal, onNote, fail });
      const kindsChanged = () => {
        const all = [...applications.values()];
        if (all.some(({ restoring }) => restoring.isFirst)) return;
        watches.retain(all.flatMap((application) => application.kinds()));
      };
      const within = {
        ...config,
        kube: limitKube(kube, limits),
        claims: createObjectClaims(),
        judges: createJudges(),
        watches,
        kindsChanged,
        checksChanged: () => checkRounds?.ring(),
        allRestored: () =>
          Promise.all([...applications.values()].map(({ restoring }) => restoring.firstTry())),
        heirOf,
        askFor,
      };
      context = within;
      const { metricSources } = config;
      checkRounds = openCheckRounds({
        context: within,
        metricSources,
        applications: () => applications.values(),
        fail,
      });
      const watched = (work: Promise<void>) => running.push(work.catch(fail));
      limits.onChanged(() => {
        for (const application of applications.values()) application.nudge();
      });
      start = (application) => watched(application.run(signal));
      watched(checkRounds.run(signal));
      await load(within, signal);
      watched(loadAgain(within, signal));
      watched(watchSight(signal));
      watched(openPodProbe({ ...config, applications: () => applications.values() }).run(signal));
      // What is started next, and what was taken up, need not follow in one go.
      await slices.between();
    },
    async stopped() {
      await Promise.all(running);
    },
    async offer(read) {
      if (!context) throw new TypeError('the engine was not started');
      // Any application may have a later record in the copy that is not read yet. The reader comes again.
      if (unread !== undefined) return { decision: 'refuse', reason: unread };
      const verdict = judgeRead(config, read);
      if (!verdict.ok) return refuse(read, verdict.kind, verdict.reason);
      const { assignment } = verdict;
      // Most often it is what was kept, and its bundle need not be read again.
      await applications.get(read.application)?.restoring.firstTry();
      const known = applications.get(read.application)?.known();
      const acceptance = decideAcceptance(config.cluster, known, assignment);
      if (acceptance.decision === 'refuse') return refuse(read, 'order', acceptance.reason);
      if (acceptance.decision === 'same') {
        noteTaken(read.application);
        return acceptance;
      }
      const isNew = acceptance.decision === 'accept';
      const { bundle, trespass } = isNew ? await provenBundle(config, read, { assignment, known }) : notRead;
      if (trespass) return refuse(read, trespass.kind, trespass.reason);
      const { envelope, traceparent } = read;
      noteTaken(read.application);
      open(read.application, context).offer({ assignment, envelope, traceparent, bundle });
      return acceptance;
    },
    applications: () => [...applications.keys()],
    status: (name) => applications.get(name)?.status(refusals.get(name)),
    traceparent: (name) => applications.get(name)?.traceparent(),
    isComplete: () => unread === undefined,
  };
}

interface Kept {
  readonly entry: InventoryEntry;
  readonly application: string;
}

/** Objects that were surely made come before those that an application only meant to make: another one may have them. */
function madeFirst(kept: readonly KeptRecord[]): readonly Kept[] {
  const all = kept
    .flatMap(({ record: { application, inventory } }) => inventory.map((entry) => ({ entry, application })))
    .sort((left, right) => (left.application < right.application ? -1 : 1));
  const isMade = ({ entry }: Kept): boolean => entry.uid !== '';
  return [...all.filter(isMade), ...all.filter((one) => !isMade(one))];
}

type Judged =
  | { readonly ok: true; readonly assignment: Assignment }
  | { readonly ok: false; readonly kind: string; readonly reason: string };

function judgeRead(config: EngineConfig, { application, envelope }: ReadAssignment): Judged {
  const verdict = config.verify(envelope);
  if (!verdict.ok) return { ok: false, kind: 'signature', reason: verdict.reason };
  const { assignment } = verdict;
  if (assignment.application === application) return { ok: true, assignment };
  return { ok: false, kind: 'subject', reason: `it is for application ${assignment.application}` };
}

interface Proven {
  /** Packed. */
  readonly bundle: Uint8Array | undefined;
  /** What no hub may ask for. */
  readonly trespass: { readonly kind: string; readonly reason: string } | undefined;
}

const notRead: Proven = { bundle: undefined, trespass: undefined };

async function provenBundle(
  { ownNamespace, accounts }: EngineConfig,
  { readBundle }: ReadAssignment,
  { assignment, known }: { readonly assignment: Assignment; readonly known: Known | undefined },
): Promise<Proven> {
  const account = judgeAccount(assignment, accounts);
  // What runs is healed on by the rights that it has. One that is new here is taken over, so that its status tells why.
  if (known && !account.ok)
    return { bundle: undefined, trespass: { kind: 'account', reason: account.reason } };
  if (assignment.bundle === undefined) return notRead;
  const json = await readBundle(assignment.bundle);
  const reason = ownNamespaceProblem(openBundle(json, assignment), assignment, ownNamespace);
  return {
    bundle: packBundle(json),
    trespass: reason === undefined ? undefined : { kind: 'namespace', reason },
  };
}
