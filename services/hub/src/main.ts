import { errorText, runParts } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { assemble } from './assemble.ts';
import { loadHubConfig } from './config.ts';

try {
  const config = loadHubConfig();
  const telemetry = createTelemetry({ service: 'meridian-hub', instance: config.hubId, ...config });
  telemetry.log.info({ config }, 'starting');
  const parts = await assemble(config, telemetry, new AbortController().signal);
  process.exitCode = await runParts(parts, { log: telemetry.log });
} catch (error) {
  process.stderr.write(`meridian-hub cannot start: ${errorText(error)}\n`);
  process.exitCode = 1;
}
// What is left is a connection that does not want to end; everything that matters has been closed by its part.
process.exit();
