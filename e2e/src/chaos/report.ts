import type { ChaosReport, Struck } from './run-chaos.ts';

/** What was measured of one kind of fault, over all times that it happened. */
export interface Row {
  readonly fault: string;
  readonly row: string;
  readonly what: string;
  readonly times: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly goalMs: number;
  readonly met: boolean;
  /** Violations between its beginning and the beginning of the next fault. */
  readonly violations: number;
}

/** A row for each fault and each thing measured of it, in the order in which faults first happened. */
export function rowsOf({ struck, violations }: Pick<ChaosReport, 'struck' | 'violations'>): Row[] {
  const kinds = [...new Set(struck.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const own = struck.filter((one) => one.kind === kind);
    const count = violations.filter(({ atMs }) => lastBefore(struck, atMs)?.kind === kind).length;
    const whats = [...new Set(own.flatMap(({ measures }) => measures.map(({ what }) => what)))];
    return whats.map((what) => rowOf(own, what, count));
  });
}

function lastBefore(struck: readonly Struck[], atMs: number): Struck | undefined {
  return struck.findLast(({ beganAtMs }) => beganAtMs <= atMs);
}

function rowOf(own: readonly Struck[], what: string, violations: number): Row {
  const measures = own.flatMap((one) => one.measures.filter((measure) => measure.what === what));
  const sorted = measures.map(({ ms }) => ms).sort((left, right) => left - right);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const maxMs = at(1);
  const goalMs = measures[0]?.goalMs ?? 0;
  return {
    ...{ fault: own[0]?.kind ?? '', row: own[0]?.row ?? '', what, times: measures.length, violations },
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), maxMs, goalMs, met: maxMs <= goalMs },
  };
}

/** What several runs have come to, one after the other. */
export function addedUp(reports: readonly ChaosReport[]): ChaosReport {
  const sum = (count: (report: ChaosReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const byTime = [...reports].sort((left, right) => startOf(left) - startOf(right));
  return {
    seeds: byTime.flatMap(({ seeds }) => seeds),
    struck: byTime.flatMap(({ struck }) => struck),
    leftOut: [...new Map(byTime.flatMap(({ leftOut }) => leftOut.map((one) => [one.kind, one]))).values()],
    violations: byTime.flatMap(({ violations }) => violations),
    commits: sum(({ commits }) => commits),
    messages: sum(({ messages }) => messages),
    assignments: sum(({ assignments }) => assignments),
    words: sum(({ words }) => words),
    promotions: sum(({ promotions }) => promotions),
    approvals: sum(({ approvals }) => approvals),
  };
}

const startOf = ({ struck }: ChaosReport): number => struck[0]?.beganAtMs ?? 0;

/** Whether nothing was broken and every goal was met. */
export function isWell(report: ChaosReport): boolean {
  return report.struck.length > 0 && report.violations.length === 0 && rowsOf(report).every(({ met }) => met);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** The report for people: a line for each row, then what was broken, and how to have the same faults again. */
export function reportText(report: ChaosReport, again: string): string {
  const head = ['', 'fault', 'measured', 'times', 'p50', 'p99', 'max', 'goal', '', 'violations'];
  const lines = rowsOf(report).map(({ row, fault, what, times, met, violations, ...ms }) => [
    ...[row, fault, what, `${times}`, seconds(ms.p50Ms), seconds(ms.p99Ms), seconds(ms.maxMs)],
    ...[`<= ${seconds(ms.goalMs)}`, met ? 'met' : 'MISSED', `${violations}`],
  ]);
  const { struck, leftOut, commits, messages, assignments, violations } = report;
  return [
    ...table([head, ...lines]),
    '',
    ...leftOut.map(({ row, kind, why }) => `left out: ${row} ${kind}, ${why}`),
    `${struck.length} faults, ${commits} commits, ${messages} messages of the ledger, ${assignments} assignments, ${report.words} acknowledged holds, ${report.promotions} promotions, ${report.approvals} approved deletions`,
    `${violations.length} violations`,
    ...violations.map(
      ({ invariant, atMs, message }) => `  ${new Date(atMs).toISOString()} ${invariant}: ${message}`,
    ),
    `again: ${again}`,
    '',
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
