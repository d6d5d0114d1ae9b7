import { describe, expect, it } from 'vitest'
import { wantedVariant } from '../../../../src/workers/tasks/resize-image/schemas.ts'
import { targetSize } from '../../../../src/workers/tasks/resize-image/target-size.ts'

const image = { width: 1024, height: 750 }

describe('the size of a variant', () => {
  it.each([
    [{}, [1024, 750]],
    [{ width: 512 }, [512, 375]],
    [{ height: 75 }, [102, 75]],
    [{ width: 2048 }, [1024, 750]],
    [{ width: 2048, enlarge: true }, [2048, 1500]],
    [{ width: 100, height: 100 }, [100, 73]],
    [{ width: 100, height: 10 }, [14, 10]],
    [{ width: 4000, height: 4000 }, [1024, 750]],
    [{ width: 100, height: 100, fit: 'COVER' }, [100, 100]],
    [{ width: 100, height: 100, fit: 'CONTAIN' }, [100, 100]],
    [{ width: 100, height: 100, fit: 'FILL' }, [100, 100]],
  ])('that is %j', (wanted, [width, height]) => {
    expect(targetSize(image, wantedVariant.parse(wanted))).toEqual({ width, height })
  })

  it('is never without a pixel', () => {
    expect(targetSize({ width: 10_000, height: 3 }, wantedVariant.parse({ width: 1 }))).toEqual({ width: 1, height: 1 })
  })
})
