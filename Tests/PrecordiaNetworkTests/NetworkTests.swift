// The streaming network against the specification's arithmetic on the whole stream.
// Separate from the vectors, which come from the trainer: these models are random, and cut in ways a recording is not.

import PrecordiaNetwork
import Testing

private func bits(_ answers: [(a: Int32, b: Int32, logit: Float, probability: Float)]) -> [[UInt32]] {
    answers.map { [UInt32(bitPattern: $0.a), UInt32(bitPattern: $0.b), $0.logit.bitPattern, $0.probability.bitPattern] }
}

@Suite struct NetworkTests {
    @Test("Fed a stream in random pieces, with every kernel, it equals the specification on the whole stream", arguments: runnable.indices)
    func streaming(kernel: Int) throws {
        let recipe = Recipe.small(7), stream = randomStream(430, 8)
        let features = recipe.tensors(of: stream).last!
        let values = Set(features.joined()).count, ends = features.joined().filter { $0 == 255 }.count
        #expect(values > 100 && ends * 4 < features.count * 80, "the random network must use its range: \(values) \(ends)")
        var random = SplitMix(9)
        for maximumHop in [20, 100, 400] {
            let running = try Running(recipe.encoded(), maximumHop: maximumHop, kernel: runnable[kernel], shift: maximumHop / 20)
            var fed = 0
            while fed < stream.count {
                let count = min(Int.random(in: 1...150, using: &random), stream.count - fed)
                running.push(stream[fed..<fed + count])
                fed += count
                running.network.advance()
                let seen = fed / 20
                #expect(running.network.columns == min(seen, 10))
                if seen == 0 { continue }
                #expect(running.newestFeatures() == features[seen - 1])
                #expect(running.answers() == bits(recipe.answers(Array(features[max(0, seen - 10)..<seen]))))
            }
            #expect(running.guardsIntact)
        }
    }

    @Test(
        "A whole-window model, asked at any time and with every kernel, equals the specification on its last window",
        arguments: [false, true])
    func windows(isFlattened: Bool) throws {
        let recipe = Recipe.window(21, isFlattened: isFlattened), stream = randomStream(400, 5, leads: 8)
        for kernel in runnable {
            let running = try Running(recipe.encoded(), maximumHop: 7, kernel: kernel, shift: 3)
            var fed = 0
            for count in [1, 1, 13, 60, 68, 1, 1, 99, 144, 12] {
                running.push(stream[fed..<fed + count])
                fed += count
                running.network.advance()
                let features = recipe.tensors(of: recipe.centred(Array(stream[..<fed]))).last!
                let expected = isFlattened ? recipe.flatAnswers(features) : recipe.answers(features)
                #expect(running.answers() == bits(expected), "\(fed) samples")
                #expect(running.network.columns == min(fed, 144) / 16 && running.network.classifiedColumns == 9)
                #expect((0..<9).map { running.features(columnsAgo: 8 - $0) } == features)
            }
            running.network.reset()
            #expect(running.answers().allSatisfy { $0[2] == 0 && $0[3] == 0 })
            running.push(stream[..<50])
            let features = recipe.tensors(of: recipe.centred(Array(stream[..<50]))).last!
            #expect(running.answers() == bits(isFlattened ? recipe.flatAnswers(features) : recipe.answers(features)))
            #expect(running.guardsIntact)
        }
    }

    @Test("A streaming model of eight leads takes eight bytes a sample, and has depthwise layers with history and stride")
    func depthwise() throws {
        var random = SplitMix(5), recipe = Recipe()
        recipe.leads = 0xFC3
        recipe.tensors[0].channels = 8
        recipe.convolve(0, to: 32, kernel: 3, &random)
        recipe.convolve(1, to: 32, kernel: 9, stride: 4, rectifies: false, isDepthwise: true, &random)
        recipe.convolve(2, to: 32, kernel: 2, residual: 2, isDepthwise: true, &random)
        recipe.convolve(3, to: 32, kernel: 5, stride: 5, isDepthwise: true, &random)
        recipe.addHead(&random)
        let stream = randomStream(300, 6, leads: 8), features = recipe.tensors(of: stream).last!
        for kernel in runnable {
            let running = try Running(recipe.encoded(), maximumHop: 40, kernel: kernel)
            for seen in 1...15 {
                running.push(stream[(seen - 1) * 20..<seen * 20])
                running.network.advance()
                #expect(running.newestFeatures() == features[seen - 1])
                #expect(running.answers() == bits(recipe.answers(Array(features[max(0, seen - 10)..<seen]))))
            }
            #expect(running.guardsIntact)
        }
    }

    @Test("Whatever the sizes, what it writes stays inside the memory that it asked for")
    func guards() throws {
        for shift in [0, 1, 17, 63] {
            let running = try Running(Recipe.small(1).encoded(), maximumHop: 60, shift: shift)
            running.push(randomStream(333, 2))
            running.network.advance()
            _ = running.answers()
            #expect(running.guardsIntact)
        }
    }

    @Test("More samples than the maximum hop are not lost: push advances by itself")
    func overfull() throws {
        let recipe = Recipe.small(3), stream = randomStream(317, 4)
        let late = try Running(recipe.encoded(), maximumHop: 40), prompt = try Running(recipe.encoded(), maximumHop: 40)
        late.push(stream)
        late.network.advance()
        for sample in stream {
            prompt.network.push(sample)
            prompt.network.advance()
        }
        #expect(late.answers() == prompt.answers())
        #expect(late.network.columns == 10)
    }

    @Test("A block of samples gives what its samples give one by one, of a stream and of whole windows")
    func blocks() throws {
        for (recipe, leads) in [(Recipe.small(5), 12), (Recipe.window(6, isFlattened: false), 8)] {
            let stream = randomStream(700, 6, leads: leads)
            var random = SplitMix(3)
            let single = try Running(recipe.encoded(), maximumHop: 60, shift: 1), block = try Running(recipe.encoded(), maximumHop: 60)
            var fed = 0
            while fed < stream.count {
                let count = min(Int.random(in: 0...170, using: &random), stream.count - fed)
                single.push(stream[fed..<fed + count])
                stream[fed..<fed + count].joined().map { $0 }.withUnsafeBufferPointer { bytes in
                    if let base = bytes.baseAddress { block.network.push(base, count: count) }
                }
                fed += count
                if fed % 3 > 0 { continue }
                single.network.advance()
                block.network.advance()
                #expect(single.network.columns == block.network.columns)
                #expect(single.answers() == block.answers())
            }
            single.network.advance()
            block.network.advance()
            #expect(single.answers() == block.answers() && single.guardsIntact && block.guardsIntact)
        }
    }

    @Test("After a reset it answers as a new one does")
    func reset() throws {
        let recipe = Recipe.small(5), stream = randomStream(100, 6)
        let used = try Running(recipe.encoded(), maximumHop: 40), fresh = try Running(recipe.encoded(), maximumHop: 40)
        used.push(randomStream(123, 99))
        used.network.advance()
        _ = used.answers()
        used.network.reset()
        #expect(used.network.columns == 0 && used.network.probability(0) == 0)
        for running in [used, fresh] {
            running.push(stream)
            running.network.advance()
        }
        #expect(used.answers() == fresh.answers())
    }

    @Test("With no column yet, every logit and probability is 0 and nothing traps")
    func empty() throws {
        let running = try Running(Recipe.small(5).encoded(), maximumHop: 40)
        running.push(randomStream(19, 1))
        running.network.advance()
        #expect(running.answers().allSatisfy { $0[2] == 0 && $0[3] == 0 })
        #expect(running.network.columns == 0 && running.network.classifiedColumns == 0)
    }

    @Test("A class has the largest probability of its sources, and none if it has no source")
    func classes() throws {
        let running = try Running(Recipe.small(5).encoded(), maximumHop: 40)
        running.push(randomStream(200, 1))
        running.network.advance()
        running.network.classify()
        let network = { (label: Int) in running.network.probability(label) }
        #expect(running.network.classProbability(0) == network(0))
        #expect(running.network.classProbability(1) == nil)
        #expect(running.network.classProbability(2) == max(network(1), network(3), network(4)))
    }

    @Test("A wrong hop or too little memory is refused with the value that was wrong")
    func arguments() throws {
        let file = Aligned(Recipe.small(5).encoded()), model = try ModelView(file.bytes)
        for hop in [0, -20, 30, 2_000_000, Int.min, Int.max] {
            #expect(Network.requiredBytes(model: model, maximumHop: hop) == 0)
            let memory = Aligned(count: 1 << 20)
            let error = #expect(throws: ModelError.self) { _ = try Network(model: model, maximumHop: hop, memory: memory.buffer) }
            #expect(error == ModelError(code: .hopLength, offset: 0, value: Int64(hop)))
        }
        let count = Network.requiredBytes(model: model, maximumHop: 20), memory = Aligned(count: count)
        _ = try Network(model: model, maximumHop: 20, memory: memory.buffer)
        let short = UnsafeMutableRawBufferPointer(rebasing: memory.buffer[..<(count - 1)])
        let error = #expect(throws: ModelError.self) { _ = try Network(model: model, maximumHop: 20, memory: short) }
        #expect(error == ModelError(code: .memory, offset: 0, value: Int64(count - 1)))
    }

    @Test("The shipped shape fits in its memory budget: 1.6 MB for a hop of a second")
    func budget() throws {
        let file = Aligned(Recipe.shipped(1).encoded()), model = try ModelView(file.bytes)
        let bytes = Network.requiredBytes(model: model, maximumHop: 100)
        #expect((500_000...1_600_000).contains(bytes))
        print("memory of the shipped shape, hop 100:", bytes)
    }
}
