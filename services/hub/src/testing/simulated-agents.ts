import type { Assignment, Health } from '@meridian/fleet';
import { verifyEnvelope } from '@meridian/ledger';
import type { Ledger, LedgerMessage } from '@meridian/ledger';
import { FaultError, systemClock } from '@meridian/runtime';

/**
 * How the simulated agent of a cluster behaves from now on. `silent` reports nothing; one with leftovers holds that many
 * objects that the ledger knows nothing of, and refuses to delete them when it is allowed fewer deletions.
 */
export type Behaviour = Health | 'silent' | { readonly leftovers: number };

function verdictOf(behaviour: Exclude<Behaviour, 'silent'>, { allowedDeletions }: Assignment) {
  if (typeof behaviour === 'string')
    return { sync: 'Synced', health: behaviour, message: behaviour === 'Healthy' ? '' : 'simulated' };
  const { leftovers } = behaviour;
  if (leftovers <= allowedDeletions) return { sync: 'Synced', health: 'Healthy', message: '' };
  const message = `${leftovers} objects would be deleted but ${allowedDeletions} allowed`;
  return { sync: 'OutOfSync', health: 'Healthy', message, refusedDeletions: leftovers };
}

function checkReports({ cluster, checks }: Assignment, numbers: ReadonlyMap<string, number>) {
  if (!checks) return {};
  const value = numbers.get(cluster);
  const said = (kind: 'metric' | 'job') =>
    kind === 'job' ? { phase: 'succeeded' } : { phase: 'measured', value };
  return {
    checks: checks.map(({ id, kind }) => ({
      id,
      ...(value === undefined ? { phase: 'pending' } : said(kind)),
      observedAtMs: Date.now(),
      message: value === undefined ? 'the source says NaN' : '',
    })),
  };
}

const keyOf = ({ cluster, application }: Assignment) => `${cluster}/${application}`;

/** Agents that read every assignment of a ledger and report as they are told to, until the signal aborts. */
export function simulateAgents(ledger: Ledger, publicKey: string, signal: AbortSignal) {
  const assignments: { assignment: Assignment; message: LedgerMessage }[] = [];
  const messages: LedgerMessage[] = [];
  const behaviours = new Map<string, Behaviour>();
  const numbers = new Map<string, number>();
  const latest = new Map<string, Assignment>();
  let sequence = 0;

  const reportOnce = async (assignment: Assignment) => {
    const {
      cluster,
      application,
      bundle = '',
      release,
      revision,
      generation,
      term,
      incarnation,
    } = assignment;
    const behaviour = behaviours.get(cluster) ?? 'Healthy';
    if (behaviour === 'silent') return;
    sequence += 1;
    const observedAtMs = Date.now();
    const status = { cluster, application, release, revision, bundle, generation, term, incarnation };
    const verdict = { ...verdictOf(behaviour, assignment), objects: [], drift: [] };
    const session = `session-${cluster}`;
    await ledger.statusBoard.put(
      { cluster, application },
      {
        ...status,
        ...verdict,
        ...checkReports(assignment, numbers),
        observedAtMs,
        healthSinceMs: observedAtMs,
        session,
        sequence,
      },
    );
    await ledger.statusBoard.put({ cluster }, { cluster, session, sequence, observedAtMs });
  };
  /** Says it again until it is stored, as an agent does: a server that was just killed answers late or not at all. */
  const report = async (assignment: Assignment) => {
    while (!signal.aborted && latest.get(keyOf(assignment)) === assignment) {
      try {
        return await reportOnce(assignment);
      } catch (error) {
        if (!(error instanceof FaultError) || error.retry !== 'later') throw error;
        await systemClock.wait(100, signal);
      }
    }
  };
  const follow = async () => {
    for await (const message of ledger.follow({ filter: 'ledger.main.>', signal })) {
      messages.push(message);
      if (message.subject.split('.')[2] !== 'assign') continue;
      const verdict = verifyEnvelope(JSON.parse(new TextDecoder().decode(message.body)), [publicKey]);
      if (!verdict.ok) throw new Error(verdict.message);
      const { assignment } = verdict;
      if (assignment.bundle !== undefined && behaviours.get(assignment.cluster) !== 'silent') {
        await ledger.bundles.get(assignment.cluster, assignment.bundle);
      }
      assignments.push({ assignment, message });
      latest.set(keyOf(assignment), assignment);
      await report(assignment);
    }
  };
  void follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const again = (cluster: string) => {
    for (const assignment of latest.values()) if (assignment.cluster === cluster) void report(assignment);
  };
  return {
    assignments,
    messages,
    behave: (cluster: string, behaviour: Behaviour) => {
      behaviours.set(cluster, behaviour);
      again(cluster);
    },
    measure: (cluster: string, value: number) => {
      numbers.set(cluster, value);
      again(cluster);
    },
  };
}
