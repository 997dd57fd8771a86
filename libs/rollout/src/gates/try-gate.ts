import type { ApprovalGate, Gate, JobGate, WebhookGate } from '@meridian/fleet';
import { fewOf, shortened } from '../few.ts';
import { countOf } from '../plan.ts';
import type { GateApproval, GateProgress } from '../state.ts';
import { nobodyToAsk } from './finding.ts';
import type { Finding, GateContext } from './finding.ts';
import { measured } from './measured.ts';

/** A gate as it is now; one that ended stays so. */
export function tried(gate: Gate, before: GateProgress, context: GateContext): GateProgress {
  if (before.phase === 'passed' || before.phase === 'failed') return before;
  const found = findingOf(gate, before, context);
  const { goodSinceMs: _, badSinceMs: __, ...kept } = before;
  const next: GateProgress = { ...kept, ...found };
  if (found.phase !== 'open') {
    const { results: ___, ...ended } = next;
    return { ...ended, sinceMs: context.nowMs };
  }
  return isAsBefore(before, next) ? before : { ...next, sinceMs: before.sinceMs ?? context.nowMs };
}

function isAsBefore(before: GateProgress, next: GateProgress): boolean {
  return (
    before.phase === next.phase &&
    before.message === next.message &&
    before.goodSinceMs === next.goodSinceMs &&
    before.badSinceMs === next.badSinceMs
  );
}

function findingOf(gate: Gate, before: GateProgress, context: GateContext): Finding {
  switch (gate.kind) {
    case 'approval':
      return approvals(gate, before, context.nowMs);
    case 'metric':
      return measured(gate, before, context);
    case 'job':
      return jobs(gate, before, context);
    case 'webhook':
      return webhook(gate, before);
  }
}

/** The approvals that count at a time: those that have not expired. */
export function validApprovals(
  { expiresAfterMs }: ApprovalGate,
  { approvals: given = [] }: GateProgress,
  nowMs: number,
): GateApproval[] {
  return given.filter(({ atMs }) => nowMs - atMs < expiresAfterMs);
}

function approvals(gate: ApprovalGate, before: GateProgress, nowMs: number): Finding {
  const valid = validApprovals(gate, before, nowMs);
  const names = fewOf(valid.map(({ author }) => author));
  if (valid.length >= gate.required) return { phase: 'passed', message: `approved by ${names}` };
  const whose = gate.roles ? ` of ${gate.roles.join(' or ')}` : '';
  const so = valid.length > 0 ? ` (${names})` : '';
  const message = `waits for ${countOf(gate.required, 'approval')}${whose}, and has ${valid.length}${so}`;
  return { phase: 'open', message };
}

function jobs(gate: JobGate, { results = {} }: GateProgress, context: GateContext): Finding {
  const nobody = nobodyToAsk(gate, context);
  if (nobody) return nobody;
  const said = context.clusters.map((cluster) => ({ cluster, result: results[cluster] }));
  const failed = said.find(({ result }) => result?.phase === 'failed');
  if (failed)
    return {
      phase: 'failed',
      message: `its Job failed in ${failed.cluster}: ${shortened(failed.result?.message ?? '')}`,
    };
  const open = said.filter(({ result }) => result?.phase !== 'succeeded');
  if (open.length === 0)
    return { phase: 'passed', message: `its Job completed in ${fewOf([...context.clusters])}` };
  const waits = fewOf(open.map(({ cluster }) => cluster));
  const why = open.find(({ result }) => result?.message)?.result?.message ?? 'nothing was heard of it yet';
  return {
    phase: 'open',
    message: `its Job has completed in ${said.length - open.length} of ${countOf(said.length, 'cluster')}, not in ${waits}: ${shortened(why)}`,
  };
}

const phaseOf = { pass: 'passed', fail: 'failed', wait: 'open' } as const;

function webhook({ url }: WebhookGate, { message, answer = 'wait' }: GateProgress): Finding {
  return { phase: phaseOf[answer], message: message || `${hostOf(url)} is asked` };
}

/** The host alone: a path or a query may hold what nobody else should read. */
function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? 'another system';
}
