import { checkLimits } from '@meridian/fleet';
import type { CheckReport } from '@meridian/fleet';
import { wireNumber } from './field-checks.ts';
import type { FieldChecks } from './field-checks.ts';
import type * as wire from './gen/meridian/v1/link.ts';
import { plainText } from './plain-text.ts';
import { checkPhaseNames, wireCheckPhase } from './status-names.ts';

/** Reports of checks for the wire. One that is said to be measured and has no finite number is pending. */
export function checkReportsToWire(reports: readonly CheckReport[] = []): wire.CheckReport[] {
  return reports.slice(0, checkLimits.perAssignment).map((report) => {
    const isMeasured = report.phase === 'measured' && Number.isFinite(report.value);
    const phase = report.phase === 'measured' && !isMeasured ? 'pending' : report.phase;
    return {
      id: report.id,
      phase: wireCheckPhase[phase],
      value: isMeasured ? report.value : undefined,
      observedAtMs: wireNumber(report.observedAtMs),
      message: plainText(report.message, checkLimits.messageChars),
    };
  });
}

/** Reads the reports of a status; `at` is their path. Refuses more than 16, an id that comes twice, and a measure that is no finite number. */
export function readCheckReports(
  checks: FieldChecks,
  at: string,
  reports: readonly wire.CheckReport[],
): CheckReport[] {
  const ids = new Set<string>();
  return checks.list(at, reports, checkLimits.perAssignment, (report, index) => {
    const id = checks.label(`${at}[${index}].id`, report.id);
    if (ids.has(id)) checks.refuse('bad_name', `${at}[${index}].id`, 'is there twice');
    ids.add(id);
    return readReport(checks, `${at}[${index}].`, report);
  });
}

function readReport(checks: FieldChecks, at: string, report: wire.CheckReport): CheckReport {
  const phase = checks.choice(`${at}phase`, report.phase, checkPhaseNames, 'pending');
  const { value } = report;
  if (phase === 'measured' && value === undefined) checks.refuse('missing', `${at}value`, 'is missing');
  if (value !== undefined && !Number.isFinite(value))
    checks.refuse('out_of_range', `${at}value`, 'must be a finite number');
  return {
    id: report.id,
    phase,
    // A number that is no measure means nothing, so nobody may come to read it.
    ...(phase === 'measured' && value !== undefined ? { value } : {}),
    observedAtMs: checks.number(`${at}observedAtMs`, report.observedAtMs),
    message: checks.text(report.message, checkLimits.messageChars),
  };
}
