import type { Reporter, TestCase } from 'vitest/node';
import { seconds } from './command.ts';

const slowMs = 3_000;

/** Vitest reporter that names each slow test as it ends, so that a long file is not silent until its last test. */
export default class ProgressReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const took = test.diagnostic()?.duration ?? 0;
    if (took < slowMs) return;
    const mark = test.result().state === 'passed' ? 'ok  ' : 'FAIL';
    process.stdout.write(`   ${mark} ${seconds(took).padStart(7)}  ${test.fullName}\n`);
  }
}
