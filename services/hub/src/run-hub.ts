import { errorText, runParts } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { assemble } from './assemble.ts';
import { loadHubConfig } from './config.ts';

/** Runs the hub until a signal or a part's failure ends it; gives the exit code. */
export async function runHub(): Promise<number> {
  try {
    const config = loadHubConfig();
    const telemetry = createTelemetry({ service: 'meridian-hub', instance: config.hubId, ...config });
    telemetry.log.info({ config }, 'starting');
    const parts = await assemble(config, telemetry, new AbortController().signal);
    return await runParts(parts, { log: telemetry.log });
  } catch (error) {
    process.stderr.write(`meridian-hub cannot start: ${errorText(error)}\n`);
    return 1;
  }
}
