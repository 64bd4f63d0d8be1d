// An exam from a stored stream: the whole way from bytes to a take.

import PrecordiaBoards
import PrecordiaCart
import PrecordiaHost
import PrecordiaTestSupport
import Testing

@Suite("An exam from a source")
struct ExamSessionTests {
    private func taken(_ bytes: [UInt8], tries: Int = 3) throws -> (exam: TakenExam, news: [ExamNews]) {
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes, to: "stream")
        var news: [ExamNews] = []
        let session = try ExamSession(source: "file:" + path, framing: nil, rate: nil, tries: tries) { news.append($0) }
        return (try session.run(patience: 60), news)
    }

    @Test("The first ten good seconds are taken, counted down")
    func good() throws {
        let (exam, news) = try taken(try played(.init(), seconds: 15).bytes)
        #expect(exam.problem == nil)
        #expect(exam.take?.isGood == true)
        #expect(exam.take?.length == 5000)
        let counted = news.compactMap { if case .second(let left, _) = $0 { left } else { nil } }
        #expect(counted == Array((1...9).reversed()))
    }

    @Test("A stream that ends too soon is kept as far as it came, and told")
    func short() throws {
        let (exam, _) = try taken(try played(.init(), seconds: 6).bytes)
        #expect(exam.take?.length == 3000)
        #expect(exam.take?.isFull == false)
        #expect(exam.problem == "the source ended after 6.0 s")
    }

    @Test("Bytes that are no stream give no exam")
    func nothing() throws {
        let (exam, _) = try taken(Array(repeating: 0x55, count: 100_000))
        #expect(exam.take == nil)
    }

    @Test("What is lost on the way makes a take bad, which is tried again, and the best one is kept")
    func again() throws {
        var settings = DeviceSettings()
        settings.faults.drop = 9
        let (exam, news) = try taken(try played(settings, seconds: 35).bytes)
        #expect(news.filter { if case .again = $0 { true } else { false } }.count == 2)
        #expect(exam.take?.isFull == true)
        #expect(exam.take?.faults == ["samples are missing: the line to the device"])
    }
}
