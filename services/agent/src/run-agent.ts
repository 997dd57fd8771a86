import { ConfigError, errorText, runParts } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { assemble } from './assemble.ts';
import { loadConfig } from './config.ts';
import type { AgentConfig } from './config.ts';

/** Runs the agent until a signal or a part's failure ends it; gives the exit code. */
export async function runAgent(): Promise<number> {
  const config = readConfig();
  if (!config) return 1;
  const telemetry = createTelemetry({
    service: 'meridian-agent',
    instance: config.MERIDIAN_CLUSTER,
    logLevel: config.MERIDIAN_LOG_LEVEL,
    otlpUrl: config.MERIDIAN_OTLP_URL,
  });
  try {
    telemetry.log.info({ config }, 'agent starts');
    return await runParts(assemble(config, telemetry), { log: telemetry.log });
  } catch (error) {
    telemetry.log.error({ error: errorText(error) }, 'agent cannot start');
    return 1;
  } finally {
    await telemetry.shutdown();
  }
}

function readConfig(): AgentConfig | undefined {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}
