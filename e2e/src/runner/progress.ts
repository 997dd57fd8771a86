import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import { seconds } from './command.ts';

const slowMs = 3_000;

/** Environment variable that names the file for what no single test can be blamed for; see {@link ProgressReporter}. */
export const errorsFileVariable = 'MERIDIAN_TEST_ERRORS';

/**
 * Vitest reporter that names each slow test as it ends, so that a long file is not silent until its last test. At the end
 * it writes what went wrong outside of any test, such as a test process that was killed, as a JSON array of texts to the
 * file that {@link errorsFileVariable} names: vitest's own JSON report leaves that out.
 */
export default class ProgressReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const took = test.diagnostic()?.duration ?? 0;
    if (took < slowMs) return;
    const mark = test.result().state === 'passed' ? 'ok  ' : 'FAIL';
    process.stdout.write(`   ${mark} ${seconds(took).padStart(7)}  ${test.fullName}\n`);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const path = process.env[errorsFileVariable];
    if (path !== undefined) writeFileSync(path, JSON.stringify(errors.map((error) => causes(error))));
  }
}

const mostCauses = 3;

/** Vitest says "worker emitted error"; with which exit code or signal it ended is in the cause. Of each the first line. */
function causes(
  { message, cause }: { readonly message: string; readonly cause?: unknown },
  depth = 1,
): string {
  const first = message.split('\n')[0] ?? '';
  return depth < mostCauses && isError(cause) ? `${first} ${causes(cause, depth + 1)}` : first;
}

function isError(cause: unknown): cause is { readonly message: string; readonly cause?: unknown } {
  return (
    typeof cause === 'object' && cause !== null && 'message' in cause && typeof cause.message === 'string'
  );
}
