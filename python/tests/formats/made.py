"""Files of each format as its definition says, made byte by byte or by the library of its makers, never by the code under test. Apart, because several tests read them."""
import base64
import binascii
import struct
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

import numpy as np

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
RATE = 500


def counts(frames=1000, leads=12, seed=1):
    """Integers that look like nothing else: each lead its own, full of changes of sign."""
    generator = np.random.default_rng(seed)
    return (np.cumsum(generator.integers(-9, 10, (frames, leads)), axis=0) + np.arange(leads)).astype(np.int16)


def scp(path, values):
    """EN 1064: sections 0, 1, 3 and 6, no compression, 2.5 uV a count, differences none."""
    leads = values.shape[1]
    codes = [1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8][:leads]

    def section(number, body):
        inner = struct.pack("<HIBB6s", number, 16 + len(body), 20, 20, b"SCPECG" if number == 0 else bytes(6)) + body
        return struct.pack("<H", binascii.crc_hqx(inner, 0xFFFF)) + inner

    def tag(number, value):
        return struct.pack("<BH", number, len(value)) + value

    one = (tag(0, b"Doe\0") + tag(2, b"17\0") + tag(5, struct.pack("<HBB", 1953, 5, 8)) + tag(8, b"\1") + tag(25, struct.pack("<HBB", 2020, 1, 2)) + tag(26, bytes((3, 4, 5)))
           + tag(255, b""))
    one += b"\0" * (len(one) % 2)
    three = struct.pack("<BB", leads, 8 * leads + 4 & 0xFF) + b"".join(struct.pack("<IIB", 1, len(values), code) for code in codes)
    three += b"\0" * (len(three) % 2)
    six = struct.pack("<HHBB", 2500, 1_000_000 // RATE, 0, 0) + struct.pack(f"<{leads}H", *[2 * len(values)] * leads)
    six += b"".join(values[:, column].astype("<i2").tobytes() for column in range(leads))
    bodies = {1: section(1, one), 3: section(3, three), 6: section(6, six)}
    pointers, place = [(0, 16 + 120, 7)], 7 + 16 + 120
    for number in range(1, 12):
        length = len(bodies.get(number, b""))
        pointers.append((number, length, place if length else 0))
        place += length
    zero = section(0, b"".join(struct.pack("<HII", *pointer) for pointer in pointers))
    content = zero + b"".join(bodies.values())
    rest = struct.pack("<I", 6 + len(content)) + content
    path.write_bytes(struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest)


def ishne(path, values, resolution=2500):
    """ISHNE 1.0: header of 522 bytes, samples of all leads in turn."""
    leads = values.shape[1]
    head = bytearray(512)
    struct.pack_into("<iiiihh", head, 0, 0, values.size // leads, 522, 522, 1, 0)
    fixed = bytearray(512)
    struct.pack_into("<ii", fixed, 0, 0, len(values))
    struct.pack_into("<iih", fixed, 8, 522, 522, 1)
    fixed[18:58] = b"Jane".ljust(40, b"\0")
    fixed[58:98] = b"Doe".ljust(40, b"\0")
    fixed[98:118] = b"17".ljust(20, b"\0")
    struct.pack_into("<hhhhh", fixed, 118, 2, 1, 8, 5, 1953)
    struct.pack_into("<hhh", fixed, 128, 2, 1, 2020)
    struct.pack_into("<hhh", fixed, 134, 3, 1, 2020)
    struct.pack_into("<hhh", fixed, 140, 3, 4, 5)
    struct.pack_into("<h", fixed, 146, leads)
    struct.pack_into("<12h", fixed, 148, *[*range(5, 5 + leads), *[-9] * (12 - leads)])
    struct.pack_into("<12h", fixed, 172, *[1] * leads, *[-9] * (12 - leads))
    struct.pack_into("<12h", fixed, 196, *[resolution] * leads, *[-9] * (12 - leads))
    struct.pack_into("<h", fixed, 220, 0)
    fixed[222:262] = b"digital".ljust(40, b"\0")
    struct.pack_into("<h", fixed, 262, RATE)
    path.write_bytes(b"ISHNE1.0" + struct.pack("<H", binascii.crc_hqx(bytes(fixed), 0xFFFF)) + bytes(fixed) + values.astype("<i2").tobytes())


def muse(path, values):
    """GE MUSE XML: the eight leads that are measured, 4.88 uV a count, base64."""
    leads = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")[: values.shape[1]]
    waves = "".join(
        f"<LeadData><LeadByteCountTotal>{2 * len(values)}</LeadByteCountTotal><LeadTimeOffset>0</LeadTimeOffset><LeadSampleCountTotal>{len(values)}</LeadSampleCountTotal>"
        f"<LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadHighLimit>32767</LeadHighLimit>"
        f"<LeadLowLimit>-32768</LeadLowLimit><LeadID>{lead}</LeadID><LeadOffsetFirstSample>0</LeadOffsetFirstSample><FirstSampleBaseline>0</FirstSampleBaseline>"
        f"<LeadSampleSize>2</LeadSampleSize><LeadOff>FALSE</LeadOff><BaselineSway>FALSE</BaselineSway><WaveFormData>"
        f"{base64.b64encode(values[:, column].astype('<i2').tobytes()).decode()}</WaveFormData></LeadData>" for column, lead in enumerate(leads))
    path.write_text(
        '<?xml version="1.0" encoding="ISO-8859-1"?><RestingECG><MuseInfo><MuseVersion>9.0</MuseVersion></MuseInfo><PatientDemographics><PatientID>17</PatientID>'
        "<PatientAge>66</PatientAge><AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender></PatientDemographics><TestDemographics><AcquisitionDate>01-02-2020</AcquisitionDate>"
        "<AcquisitionTime>03:04:05</AcquisitionTime></TestDemographics><RestingECGMeasurements><VentricularRate>61</VentricularRate><PRInterval>150</PRInterval></RestingECGMeasurements>"
        "<Waveform><WaveformType>Rhythm</WaveformType><NumberofLeads>8</NumberofLeads><SampleType>CONTINUOUS_SAMPLES</SampleType><SampleBase>500</SampleBase><SampleExponent>0</SampleExponent>"
        f"<HighPassFilter>4</HighPassFilter><LowPassFilter>150</LowPassFilter><ACFilter>50</ACFilter>{waves}</Waveform></RestingECG>", encoding="latin-1")


def sierra(path, values):
    """Philips Sierra XML 1.03, samples lead after lead as base64, without XLI."""
    leads = LEADS[: values.shape[1]]
    data = base64.b64encode(values.T.astype("<i2").tobytes()).decode()
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><restingecgdata xmlns="http://www3.medical.philips.com"><documentinfo><documenttype>SierraECG</documenttype>'
        '<documentversion>1.03</documentversion></documentinfo><dataacquisition date="2020-01-02" time="03:04:05"><signalcharacteristics><samplingrate>500</samplingrate>'
        f"<resolution>5</resolution><numberchannelsallocated>{len(leads)}</numberchannelsallocated></signalcharacteristics></dataacquisition>"
        "<patient><generalpatientdata><patientid>17</patientid><sex>Female</sex></generalpatientdata></patient>"
        f'<waveforms><parsedwaveforms samplespersecond="500" durationperchannel="{2 * len(values)}" dataencoding="Base64" compressflag="False" resolution="5" '
        f'leadlabels="{" ".join(leads)}">{data}</parsedwaveforms></waveforms></restingecgdata>', encoding="utf-8")


def schiller(path, values):
    channels = "".join(f"<channel><name>{lead}</name><datastype>COMMASEPARATE</datastype><data>{','.join(map(str, values[:, column].tolist()))},</data></channel>"
                       for column, lead in enumerate(LEADS[: values.shape[1]]))
    path.write_text(
        '<?xml version="1.0"?><com.xiriuz.sema.xml.schillerEDI.SchillerEDI><patdata><id>17</id><lastname>Doe</lastname><gender>FEMALE</gender></patdata><examdescript><startdatetime>'
        "<date>20200102</date><time>030405000</time></startdatetime></examdescript><eventdata><event><wavedata><type>ECG_RHYTHMS</type><resolution><samplerate><exponent>1</exponent>"
        f"<value>500</value></samplerate><yres><unitperbit>2.5</unitperbit><units>UV</units></yres></resolution>{channels}</wavedata></event></eventdata>"
        "</com.xiriuz.sema.xml.schillerEDI.SchillerEDI>")


def wfdb16(path, values, rate="500", gain="400/mV", tail=""):
    """PATH.hea and PATH.dat."""
    lines = [f"{path.name} {values.shape[1]} {rate} {len(values)}"]
    lines += [f"{path.name}.dat 16 {gain} 16 0 {values[0, column]} {int(np.int16(values[:, column].sum(dtype=np.int64) & 0xFFFF))} 0 {lead}"
              for column, lead in enumerate(LEADS[: values.shape[1]])]
    path.with_suffix(".hea").write_text("\n".join(lines) + "\n" + tail)
    values.astype("<i2").tofile(path.with_suffix(".dat"))


def dicom(path, values):
    """A 12-lead ECG by pydicom."""
    import pydicom
    from pydicom.dataset import FileMetaDataset

    def item(**fields):
        one = pydicom.Dataset()
        for key, value in fields.items():
            setattr(one, key, value)
        return one

    uv = pydicom.Sequence([item(CodeValue="uV", CodingSchemeDesignator="UCUM", CodeMeaning="microvolt")])
    codes = ("1", "2", "61", "62", "63", "64", "3", "4", "5", "6", "7", "8")
    channels = [item(ChannelSourceSequence=pydicom.Sequence([item(CodeValue=f"5.6.3-9-{code}", CodingSchemeDesignator="SCPECG", CodeMeaning=lead)]), ChannelSensitivity="2.5",
                     ChannelSensitivityUnitsSequence=uv, ChannelSensitivityCorrectionFactor="1", ChannelBaseline="0", ChannelSampleSkew="0", WaveformBitsStored=16,
                     FilterLowFrequency="0.05", FilterHighFrequency="150") for code, lead in zip(codes, LEADS)]
    group = item(WaveformOriginality="ORIGINAL", NumberOfWaveformChannels=12, NumberOfWaveformSamples=len(values), SamplingFrequency="500",
                 ChannelDefinitionSequence=pydicom.Sequence(channels), WaveformBitsAllocated=16, WaveformSampleInterpretation="SS")
    group.add_new(0x54001010, "OW", values.astype("<i2").tobytes())
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = "1.2.840.10008.5.1.4.1.1.9.1.1", "2.25.1", pydicom.uid.ExplicitVRLittleEndian
    data = item(SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.1", SOPInstanceUID="2.25.1", PatientID="17", PatientName="Doe^Jane", PatientSex="F", AcquisitionDateTime="20200102030405",
                Modality="ECG", WaveformSequence=pydicom.Sequence([group]))
    data.file_meta = meta
    data.is_little_endian, data.is_implicit_VR = True, False
    data.preamble = b"\0" * 128
    pydicom.dcmwrite(path, data, write_like_original=False)


def hdf5(path, values, dataset="tracings"):
    import h5py

    with h5py.File(path, "w") as file:
        if dataset == "ecg":
            file["ecg"] = values.T.astype(np.float32)
            return
        file["tracings"] = np.stack([values, values[::-1], np.zeros_like(values)]).astype(np.float32)
        file["exam_id"] = np.array([11, 12, 0])


def edf(path, values, plus=False):
    """EDF as its definition of 1992 has it: a data record a second, 16 bits, -32767 to 32767 as -32.767 to 32.767 mV."""
    leads, rate = values.shape[1], RATE
    seconds = len(values) // rate

    def fields(texts, width):
        return b"".join(text.ljust(width).encode("ascii") for text in texts)

    head = "0".ljust(8) + "17 F 08-MAY-1953 Doe".ljust(80) + "Startdate 02-JAN-2020 X X maker".ljust(80) + "02.01.20" + "03.04.05" + str(256 * (leads + 1)).ljust(8)
    head += "".ljust(44) + str(seconds).ljust(8) + "1".ljust(8) + str(leads).ljust(4)
    names = [f"ECG {lead}" for lead in LEADS[:leads]]
    body = fields(names, 16) + fields([""] * leads, 80) + fields(["mV"] * leads, 8) + fields(["-32.767"] * leads, 8) + fields(["32.767"] * leads, 8) + fields(["-32767"] * leads, 8)
    body += fields(["32767"] * leads, 8) + fields(["HP:0.05Hz LP:150Hz N:50Hz"] * leads, 80) + fields([str(rate)] * leads, 8) + fields([""] * leads, 32)
    samples = b"".join(values[second * rate:(second + 1) * rate].T.astype("<i2").tobytes() for second in range(seconds))
    path.write_bytes(head.encode("ascii") + body + samples)


def all_files(folder: Path):
    """One small file of each format by its name."""
    from scipy.io import savemat

    values = counts()
    found = {}
    for name, maker in (("exam.scp", scp), ("exam.ecg", lambda path, v: ishne(path, v)), ("muse.xml", lambda path, v: muse(path, v[:, :8])), ("sierra.xml", sierra), ("schiller.xml", schiller), ("exam.dcm", dicom),
                        ("exams_part0.hdf5", hdf5), ("A00001.h5", lambda path, v: hdf5(path, v, "ecg")), ("exam.edf", edf)):
        found[name] = folder / name
        maker(found[name], values)
    wfdb16(folder / "record", values)
    found["record.hea"] = folder / "record.hea"
    found["exam.npy"], found["v5.mat"], found["v4.mat"], found["exam.csv"] = (folder / name for name in ("exam.npy", "v5.mat", "v4.mat", "exam.csv"))
    np.save(found["exam.npy"], values)
    savemat(found["v5.mat"], {"ECG": {"data": values.T.astype(float), "sex": "Female", "age": 66}})
    savemat(found["v4.mat"], {"val": values.T.astype(np.int16)}, format="4")
    rows = "\n".join(",".join(str(2.5 * value) for value in row) for row in values.tolist())
    found["exam.csv"].write_text("# rate: 500\n" + ",".join(f"{lead} [uV]" for lead in LEADS) + "\n" + rows + "\n")
    found["two.zip"], found["two.tar.gz"] = folder / "two.zip", folder / "two.tar.gz"
    with zipfile.ZipFile(found["two.zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("exam.scp", "record.hea", "record.dat"):
            archive.write(folder / name, f"ward/{name}")
    with tarfile.open(found["two.tar.gz"], "w:gz") as archive:
        archive.add(folder / "exam.dcm", "exam.dcm")
    return found


class Files(unittest.TestCase):
    """Tests that read a file of each format: `files`, by name."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.files = all_files(Path(cls.folder.name))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
