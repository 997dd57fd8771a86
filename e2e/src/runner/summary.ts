/** What a run of the tests came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One file of vitest's JSON report, as far as it is counted. */
interface ReportedFile {
  readonly name?: string;
  readonly status?: string;
  readonly message?: string;
  readonly assertionResults?: readonly ReportedTest[];
}

interface ReportedTest {
  readonly status?: string;
  readonly fullName?: string;
  readonly failureMessages?: readonly string[];
}

/**
 * Counts a vitest JSON report. A file that failed without a failed test in it (it did not load, a hook threw) is one
 * failure, and so is a run that ended badly without naming one. `report` is undefined when none was written.
 */
export function tallyReport(report: unknown, exitCode: number): Tally {
  const files = filesOf(report);
  let tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) tally = addTallies(tally, tallyFile(file));
  if (tally.failed === 0 && exitCode !== 0) return { ...tally, failed: 1 };
  return tally;
}

/**
 * A line for each failure of a vitest JSON report: its file, its test and the first line of what it said, so that the end
 * of a long output tells what failed.
 */
export function failureLines(report: unknown): string[] {
  return filesOf(report).flatMap((file) => {
    const failed = (file.assertionResults ?? []).filter((test) => test.status === 'failed');
    const lines = failed.map((test) => lineOf(file, test.fullName ?? '', test.failureMessages?.[0]));
    return lines.length === 0 && file.status === 'failed'
      ? [lineOf(file, 'did not run', file.message)]
      : lines;
  });
}

/** A line for each thing that went wrong outside of any test; `errors` is undefined when nothing was written. */
export function errorLines(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error) => lineOf({ name: 'the run' }, 'outside of any test', String(error)));
}

function lineOf({ name = 'some file' }: ReportedFile, what: string, message = ''): string {
  return `failed: ${name} > ${what}: ${(message.split('\n')[0] ?? '').slice(0, 500)}`;
}

/** Whether the run may be called good: something ran and nothing failed. */
export function isGood(tally: Tally): boolean {
  return tally.failed === 0 && tally.passed > 0;
}

/** The closing line of `npm test`, read by people and by machines. */
export function closingLine(tally: Tally): string {
  return `tests: ${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
}

function filesOf(report: unknown): readonly ReportedFile[] {
  if (typeof report !== 'object' || report === null || !('testResults' in report)) return [];
  return Array.isArray(report.testResults) ? (report.testResults as ReportedFile[]) : [];
}

function tallyFile(file: ReportedFile): Tally {
  const tests = file.assertionResults ?? [];
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failed = tests.filter((test) => test.status === 'failed').length;
  const skipped = tests.length - passed - failed;
  return { passed, failed: failed === 0 && file.status === 'failed' ? 1 : failed, skipped };
}

/** The sum of two tallies. */
export function addTallies(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
