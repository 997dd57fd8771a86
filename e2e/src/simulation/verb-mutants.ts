import { one, within } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const decide = 'libs/rollout/src/decide.ts';
const breach = 'libs/rollout/src/breach.ts';
const stopped = 'libs/rollout/src/stopped.ts';
const holding = 'services/hub/src/leading/holding.ts';

/** Defects of what people say and of what strategies leave to them. */
export const verbMutants: readonly Mutant[] = [
  one('a rollout that is paused goes on', 'libs/rollout/src/advance.ts', [
    'if (start.state.paused) return',
    'if (start.state.paused && start.state.stage < 0) return',
  ]),
  one('a newer release forgets a pause', 'libs/rollout/src/plan-rollout.ts', [
    'return paused ? { paused } : {};',
    'return paused ? {} : {};',
  ]),
  one('a hold of all clusters holds none', stopped, [
    'return !clusterScopes.has(scope) || name === cluster ||',
    'return (clusterScopes.has(scope) && name === cluster) ||',
  ]),
  one('a hold of one cluster holds none', stopped, [
    'return !clusterScopes.has(scope) || name === cluster ||',
    'return !clusterScopes.has(scope) ||',
  ]),
  one('no window is minded', stopped, ['if (!names || target', 'if (names || target']),
  one('a window that denies allows', stopped, [
    "window.kind === 'deny' && isOpen);",
    "window.kind === 'deny' && !isOpen);",
  ]),
  within(
    'agents that stand still',
    one('a pause in a cluster holds no push', holding, [
      'return isPausedAt(pause, nowMs) ?',
      'return isPausedAt(pause, nowMs + 1e12) ?',
    ]),
  ),
  within(
    'agents that stand still',
    one('a frozen cluster is pushed to', holding, [
      '[...freezes].filter(inside)',
      '[...freezes].filter((one) => nowMs < 0 && inside(one))',
    ]),
  ),
  within(
    'ways back of sick clusters',
    one('a rollback halts over the budget', breach, [
      "const why = state.phase === 'rollingBack' ? undefined : breach(state);",
      'const why = breach(state);',
    ]),
  ),
  one('a cluster of a mandatory stage may fail', breach, [
    '(stage) => stage.mandatory === true &&',
    "(stage) => stage.mandatory === true && stage.name === '' &&",
  ]),
  one('shares of failures are of twice the clusters', breach, [
    'share(failureBudget, clusters, 0)',
    'share(failureBudget, 2 * clusters, 0)',
  ]),
  within(
    'ways back',
    one('the way back begins with the first stage', 'libs/rollout/src/roll-back.ts', [
      'return [...order].reverse().flatMap(',
      'return [...order].flatMap(',
    ]),
  ),
  within(
    'ways back',
    one('what was taken back begins again', decide, [
      'if (state.pin && isLeft(state.pin, event)) return stillPinned(state, state.pin, event);',
      '',
    ]),
  ),
  one('nobody waits for the end of a rollout', decide, [
    "return state.phase === 'progressing' && state.target.strategy.onNewer === 'queue' && !isStuck;",
    'return isStuck && false;',
  ]),
  one('a way back is overtaken', decide, ["if (state.phase === 'rollingBack') return true;", '']),
  one('what waits is forgotten when a rollout halts', decide, [
    'return withQueue(hasHalted ? wentBack(next, decision, nowMs) : decision);',
    'return hasHalted ? wentBack(next, decision, nowMs) : withQueue(decision);',
  ]),
  within(
    'ways back',
    one('every breach sends the fleet back', decide, [
      "if (strategy.onBreach !== 'rollback') return decision;",
      "if (strategy.onBreach === 'pause') return decision;",
    ]),
  ),
  one('what was given up begins again', decide, [
    'if (isSameContent(state, event)) return sameContent(',
    "if (state.phase !== 'aborted' && isSameContent(state, event)) return sameContent(",
  ]),
  one('a start waits for nobody', 'libs/rollout/src/begin.ts', [
    "if (target.strategy.start !== 'manual' || target.started) return",
    'if (target.number > 0) return',
  ]),
  one('a stage is promoted before it soaks', 'libs/rollout/src/verbs.ts', [
    "if (!isMoving(state) || stage?.phase !== 'soaking')",
    'if (!isMoving(state) || !stage)',
  ]),
  one('words are written down without their reason', 'services/hub/src/leading/term.ts', [
    'return verbRecord(shard, command.asked, nowMs);',
    "return verbRecord(shard, { ...command.asked, reason: '' }, nowMs);",
  ]),
  one('holds are written down without their reason', 'services/hub/src/leading/holding.ts', [
    'const record = { scope, name, author, reason, sinceMs: nowMs, ...until };',
    "const record = { scope, name, author, reason: '', sinceMs: nowMs, ...until };",
  ]),
];
