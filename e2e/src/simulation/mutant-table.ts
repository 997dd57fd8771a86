import { agentMutants } from './agent-mutants.ts';
import { dependencyMutants, gateMutants } from './gate-mutants.ts';
import { one, within } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { verbMutants } from './verb-mutants.ts';

const advance = 'libs/rollout/src/advance.ts';
const settle = 'libs/rollout/src/settle.ts';
const observe = 'libs/rollout/src/observe.ts';
const lost = 'services/hub/src/leading/lost-ledger.ts';
const pen = 'services/hub/src/leading/pen.ts';

/** Every mutant. To add one, add it here: a text that is not there any more fails loudly. */
export const mutants: readonly Mutant[] = [
  {
    name: 'writes are not fenced',
    patches: [
      {
        file: 'libs/ledger/src/publish.ts',
        from: 'headers.set(headerNames.expectedSequence, `${expected}`);',
        to: '',
      },
      {
        file: 'libs/ledger/src/publish.ts',
        from: 'if (record.seal !== undefined) {',
        to: 'if (record.seal !== undefined && expected < 0) {',
      },
    ],
  },
  one("a refused leader takes another's tail for its own", 'libs/ledger/src/leadership.ts', [
    'if (!isMine || tail.sequence < this.#cursor) {',
    'if (isMine && tail.sequence < this.#cursor) {',
  ]),
  one('an append is not tied to the stream that was claimed', 'libs/ledger/src/leadership.ts', [
    '? { ...record, seal: place }',
    '? { ...record, seal: place && undefined }',
  ]),
  one('no answer counts as stored', 'libs/ledger/src/publish.ts', [
    "{ kind: 'failed', fault } : { kind: 'unknown' };",
    "{ kind: 'failed', fault } : { kind: 'stored' };",
  ]),
  {
    name: 'records that were stored are written once more',
    patches: [
      {
        file: 'libs/ledger/src/leadership.ts',
        from: 'const tail = await settledTail(this.#context, signal);',
        to: 'const tail = await settledTail(this.#context, signal); rest = rest.map((record) => ({ ...record, number: this.#next++, messageId: `again-${record.messageId}` }));',
      },
    ],
  },
  one('claims do not go above the last one', 'libs/ledger/src/claim.ts', [
    'const floor = Math.max(known.lastClaim, seen) + 1;',
    'const floor = seen + 1;',
  ]),
  within(
    'two claims',
    one('a claim takes any answer for its own', 'libs/ledger/src/publish.ts', [
      'return now.messageId === record.messageId ? now.sequence : undefined;',
      'return now.sequence;',
    ]),
  ),
  ...agentMutants,
  one('the journal forgets what was there before', 'services/agent/src/applications/inventory.ts', [
    'return [...going, ...desired.map(',
    'return [...going.slice(going.length), ...desired.map(',
  ]),
  one('more is pruned than was allowed', 'libs/diff/src/plan-prune.ts', [
    'return gone.length > allowed ?',
    'return gone.length > allowed + 1 ?',
  ]),
  one('an assignment may delete all there is', 'libs/rollout/src/step.ts', [
    'return Math.max(allowance, approved);',
    'return Math.max(allowance, approved, held);',
  ]),
  within(
    'deletions',
    one('an approval of one release lets another begin', 'libs/rollout/src/approval.ts', [
      'if (target.release.digest !== event.release)\n    return unchanged(\n      state,\n      `the approval is for release ${shortDigest(event.release)}, but ${releaseText(target.release)} waits`,',
      'if (event.release === undefined)\n    return unchanged(\n      state,\n      `the approval is for release ${shortDigest(event.release)}, but ${releaseText(target.release)} waits`,',
    ]),
  ),
  within(
    'losses',
    one('generations of agents are no floor', 'libs/rollout/src/step.ts', [
      'return Math.max(placed.generation, placed.floor ?? 0);',
      'return placed.generation;',
    ]),
  ),
  within(
    'soaks',
    one('a soak goes on although a cluster is not healthy', settle, [
      'return still(isSoaking(stage) ? interrupted(state, stage) : stage);',
      'return still(stage);',
    ]),
  ),
  one('soaks take no time', settle, [
    'const isSoaked = nowMs - soakSinceMs >= stage.soakMs ||',
    'const isSoaked = nowMs - soakSinceMs >= 0 ||',
  ]),
  {
    name: 'a report of another release counts',
    patches: [
      {
        file: observe,
        from: "if (cluster.phase === 'waiting' || cluster.generation !== event.generation) return cluster;",
        to: "if (cluster.phase === 'waiting') return cluster;",
      },
      {
        file: observe,
        from: "return event.release === release && event.sync === 'Synced'",
        to: "return event.sync === 'Synced'",
      },
    ],
  },
  one('the failure budget is one too large', 'libs/rollout/src/breach.ts', [
    'if (failed.length > allowance) return',
    'if (failed.length > allowance + 1) return',
  ]),
  one('one cluster too many moves at once', advance, [
    'Math.max(0, stage.maxConcurrent - inFlight)',
    'Math.max(0, stage.maxConcurrent + 1 - inFlight)',
  ]),
  one('a retry goes on with the next stage', 'libs/rollout/src/retry.ts', [
    'return movingFrom(state, stages, state.stage);',
    'return movingFrom(state, stages, Math.min(state.stage + 1, stages.length - 1));',
  ]),
  one('a new leader skips the rest of a stage', 'services/hub/src/leading/ledger-book.ts', [
    'return { state: decoded.state, traceparent',
    "const read = decoded.state; const isLast = read.phase !== 'progressing' || read.stage + 1 >= read.stages.length;\n  return { state: isLast ? read : { ...read, stage: read.stage + 1 }, traceparent",
  ]),
  one('assignments are written before the state', pen, [
    'return [...before, rollout, ...assignments,',
    'return [...before, ...assignments, rollout,',
  ]),
  within(
    'leaders that die',
    one('nobody makes up for assignments that are missing', pen, [
      'const missing = missingAssignments(this.#book);',
      'const missing = missingAssignments(this.#book).slice(0, 0);',
    ]),
  ),
  one('a new leader goes by a replica that is behind', pen, [
    'if (messages.some(({ sequence }) => sequence >= this.#leadership.sequence)) return messages;',
    'return messages;',
  ]),
  within(
    'lost claims',
    one('a leader whose ledger is lost waits for its claim', pen, [
      'if (await this.#isLost()) throw new FencedError();',
      '',
    ]),
  ),
  within(
    'idle leaders',
    one('an idle leader does not look whether its ledger is lost', lost, [
      "if (tail && tail.sequence < sequence) return 'lost or put back';",
      '',
    ]),
  ),
  within(
    'leaders without the lock',
    one('an idle leader does not look whether another hub has led', lost, [
      "if (tail && tail.term > term) return 'claimed by another hub';",
      '',
    ]),
  ),
  within(
    'soaks',
    one('a report that is old counts', observe, ['return !event.stale && isSynced', 'return isSynced']),
  ),
  one('the wall clock of a hub decides', 'services/hub/src/leading/ledger-clock.ts', [
    'nowMs: () => Math.round(atMs + clock.monotonicMs() - heardAtMs),',
    'nowMs: () => clock.nowMs() + 0 * (atMs + heardAtMs),',
  ]),
  one('approvals are written down without their reason', 'services/hub/src/leading/term.ts', [
    'return approvalRecord(shard, command.application, { ...consent, atMs: nowMs });',
    "return approvalRecord(shard, command.application, { ...consent, reason: '', atMs: nowMs });",
  ]),
  ...verbMutants,
  ...gateMutants,
  ...dependencyMutants,
];
