import { ConfigError, errorText, runParts } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { assemble } from './assemble.ts';
import { loadConfig } from './config.ts';
import type { AgentConfig } from './config.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let config: AgentConfig;
  try {
    config = loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
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
