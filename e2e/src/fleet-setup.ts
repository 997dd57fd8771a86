import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Fleet } from '@meridian/testkit';
import { startTraceSink } from './trace-sink.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Which clusters the journeys run on. */
    kube: 'sim' | 'real';
    /** Data directory of the fleet that all journeys share. */
    fleetData: string;
    /** Where the spans of that fleet can be read. */
    traceSink: string;
  }
}

/** Starts one fleet of three clusters for all journeys, of the kind that the project names, and takes it down after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const data = mkdtempSync(join(tmpdir(), 'meridian-journeys-'));
  const sink = await startTraceSink();
  process.env['MERIDIAN_OTLP_URL'] = sink.url;
  const started = await Fleet.start(data, ['--kube', project.getProvidedContext().kube]);
  if (started.code !== 0) {
    await new Fleet(data).reset();
    await sink.stop();
    throw new Error(`the fleet did not start (${started.code}):\n${started.stdout}\n${started.stderr}`);
  }
  project.provide('fleetData', data);
  project.provide('traceSink', sink.url);
  return async () => {
    const stopped = await new Fleet(data).reset();
    await sink.stop();
    rmSync(data, { recursive: true, force: true });
    if (stopped.code !== 0) throw new Error(`the fleet did not stop: ${stopped.stdout}${stopped.stderr}`);
  };
}
