// What others have published for PTB-XL's tasks, to stand beside the figures of this run.
// Theirs are of floating-point networks on fold 10.

/// Macro AUROC that was published for a network.
package struct PublishedFigures: Sendable {
    /// The network.
    package var network: String
    /// Thousandths, for the tasks in ``tasks``' order.
    package var macroAUROC: [Int]
    /// Where it stands.
    package var source: String

    /// The tasks that have published figures: five of PTB-XL and all statements.
    package static let tasks = ["all", "diagnostic", "subclass", "superclass", "form", "rhythm"]

    /// Strodthoff et al. 2021 trained the first three; the others are from the comparison of foundation models, arXiv 2509.25095.
    package static let ptbxl = [
        PublishedFigures(network: "xresnet1d101", macroAUROC: [925, 937, 929, 928, 896, 957], source: "arXiv 2004.13701"),
        PublishedFigures(network: "inception1d", macroAUROC: [925, 931, 930, 921, 899, 953], source: "arXiv 2004.13701"),
        PublishedFigures(network: "resnet1d_wang", macroAUROC: [919, 936, 928, 930, 880, 946], source: "arXiv 2004.13701"),
        PublishedFigures(network: "S4, supervised", macroAUROC: [941, 943, 938, 932, 919, 956], source: "arXiv 2509.25095"),
        PublishedFigures(network: "ECGFounder", macroAUROC: [934, 950, 943, 935, 875, 965], source: "arXiv 2509.25095"),
        PublishedFigures(network: "ECG-FM", macroAUROC: [927, 926, 932, 916, 904, 959], source: "arXiv 2509.25095"),
        PublishedFigures(network: "HuBERT-ECG base", macroAUROC: [915, 925, 918, 908, 860, 950], source: "arXiv 2509.25095"),
        PublishedFigures(network: "ECG-CPC", macroAUROC: [949, 951, 940, 934, 934, 959], source: "arXiv 2509.25095"),
    ]
}
