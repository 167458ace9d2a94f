// The ground of a station under test: metrics in memory, what it says kept, no process watched.
import { MetricStore } from '../../cloudwatch/metric-store';
import type { Ground } from '../ground';
import { closeAfterwards } from './servers';

/** A ground whose stations are ended by `closeAll`; `said` is what they told. */
export function testGround(logFolder: string): Ground & { said: string[] } {
  const said: string[] = [];
  return {
    ...{ metrics: new MetricStore({ now: Date.now }), logFolder, timeScale: 1, said },
    say: (message) => said.push(message),
    onProcess: () => undefined,
    onFile: () => undefined,
    onClose: (undo) => closeAfterwards({ close: async () => undo() }),
  };
}
