const memory = 'at rssBytes heapUsedBytes heapTotalBytes heapLimitBytes externalBytes arrayBuffersBytes'

/** What is asked for of a `SystemStatus`: all that the processes say. */
export const statusFields = `at silent processes {
  number nodeId pid version nodeVersion at alerts
  load {
    uptimeMs loopDelayP50Ms loopDelayP99Ms loopDelayMaxMs loopUtilization cpuCores rssBytes heapUsedBytes heapTotalBytes
    externalBytes threads busyThreads zombieThreads waitingAttempts connections streams bus { kind isLive since }
  }
  memory {
    now { ${memory} } held { at heapUsedBytes externalBytes } spaces { name usedBytes sizeBytes }
    threads { threadId task heapUsedBytes heapTotalBytes heapLimitBytes externalBytes }
    growth { bytesPerMinute risingPairs points overMs } marks { label sample { ${memory} } }
  }
  loop {
    gc { kind count totalMs maxMs } resources { type count } holds { at ms what operation operationName requestId }
  }
  shedding { isOn pressure over { sensor value limit } refused { work change read } }
  snapshot { pauseMs sizeBytes freeBytes memoryBytes availableBytes }
}`
