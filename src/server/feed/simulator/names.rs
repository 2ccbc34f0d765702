//! The simulated games: made-up ids under the names that Thai stock lotteries go by.

/// A game of the simulated feed.
#[derive(Debug, Clone, Copy)]
pub struct Game {
    pub id: &'static str,
    pub name: &'static str,
    pub country: Option<&'static str>,
    /// The section in which its draws stand.
    pub section: &'static str,
}

const fn game(
    section: &'static str,
    id: &'static str,
    name: &'static str,
    country: &'static str,
) -> Game {
    Game {
        id,
        name,
        country: if country.is_empty() {
            None
        } else {
            Some(country)
        },
        section,
    }
}

/// All simulated games, by section.
#[rustfmt::skip]
pub const GAMES: [Game; 80] = [
    game("set", "L01-01", "หุ้นไทย เช้า", "TH"),
    game("set", "L01-02", "หุ้นไทย เที่ยง", "TH"),
    game("set", "L01-03", "หุ้นไทย บ่าย", "TH"),
    game("set", "L01-04", "หุ้นไทย เย็น", "TH"),
    game("settrade", "L02-01", "รัฐบาลไทย", "TH"),
    game("settrade", "L02-02", "ออมสิน", "TH"),
    game("settrade", "L02-03", "ธ.ก.ส.", "TH"),
    game("settrade", "L08-01", "ลาวพัฒนา", "LA"),
    game("settrade", "L08-02", "ฮานอย", "VN"),
    game("settrade", "L08-03", "มาเลย์", "MY"),
    game("settradeInt", "L03-01-000100", "นิเคอิ เช้า", "JP"),
    game("settradeInt", "L03-01-000110", "นิเคอิ บ่าย", "JP"),
    game("settradeInt", "L03-01-000120", "จีน เช้า", "CN"),
    game("settradeInt", "L03-01-000130", "จีน บ่าย", "CN"),
    game("settradeInt", "L03-01-000140", "ฮั่งเส็ง เช้า", "HK"),
    game("settradeInt", "L03-01-000150", "ฮั่งเส็ง บ่าย", "HK"),
    game("settradeInt", "L03-01-000160", "ไต้หวัน", "TW"),
    game("settradeInt", "L03-01-000170", "เกาหลี", "KR"),
    game("settradeInt", "L03-01-000180", "สิงคโปร์", "SG"),
    game("settradeInt", "L03-01-000190", "อินเดีย", ""),
    game("settradeInt", "L03-01-000200", "อียิปต์", ""),
    game("settradeInt", "L03-01-000210", "รัสเซีย", ""),
    game("settradeInt", "L03-01-000220", "อังกฤษ", "GB"),
    game("settradeInt", "L03-01-000230", "เยอรมัน", "DE"),
    game("settradeInt", "L03-01-000240", "ดาวโจนส์", "US"),
    game("settradeInt", "L03-01-000250", "ดาวโจนส์ อเมริกา", ""),
    game("settradeInt", "L03-01-000260", "ดาวโจนส์ มิดไนท์", ""),
    game("settradeInt", "L03-01-000270", "ดาวโจนส์ เอ็กซ์ตร้า", ""),
    game("settradeInt", "L03-01-000280", "ดาวโจนส์ ทีวี", ""),
    game("settradeInt", "L03-01-000290", "ฝรั่งเศส", "FR"),
    game("settradeInt", "L03-01-000300", "แคนาดา", "CA"),
    game("settradeInt", "L03-01-000310", "บราซิล", ""),
    game("settradeInt", "L03-01-000320", "แอฟริกาใต้", ""),
    game("settradeInt", "L03-01-000330", "ออสเตรเลีย", "AU"),
    game("settradeVIP", "L03-01-000500", "ดาวโจนส์ VIP", "US"),
    game("settradeVIP", "L03-01-000510", "นิเคอิ เช้า VIP", "JP"),
    game("settradeVIP", "L03-01-000520", "นิเคอิ บ่าย VIP", "JP"),
    game("settradeVIP", "L03-01-000530", "จีน เช้า VIP", "CN"),
    game("settradeVIP", "L03-01-000540", "จีน บ่าย VIP", "CN"),
    game("settradeVIP", "L03-01-000550", "ฮั่งเส็ง เช้า VIP", "HK"),
    game("settradeVIP", "L03-01-000560", "ฮั่งเส็ง บ่าย VIP", "HK"),
    game("settradeVIP", "L03-01-000570", "ไต้หวัน VIP", "TW"),
    game("settradeVIP", "L03-01-000580", "เกาหลี VIP", "KR"),
    game("settradeVIP", "L03-01-000590", "สิงคโปร์ VIP", "SG"),
    game("settradeVIP", "L03-01-000600", "อังกฤษ VIP", ""),
    game("settradeVIP", "L03-01-000610", "เยอรมัน VIP", ""),
    game("settradeVIP", "L03-01-000620", "รัสเซีย VIP", ""),
    game("settradeVIP", "L03-01-000630", "ลาว VIP", ""),
    game("settradeVIP", "L03-01-000640", "ลาวสตาร์ VIP", ""),
    game("settradeVIP", "L03-01-000650", "ฮานอย VIP", ""),
    game("settradeVIP", "L03-01-000660", "หุ้นไทย เช้า VIP", "TH"),
    game("settradeVIP", "L03-01-000670", "หุ้นไทย เย็น VIP", "TH"),
    game("settradeVIP", "L03-01-000680", "มาเลย์ VIP", ""),
    game("settradeVIP", "L03-01-000690", "อินเดีย VIP", ""),
    game("settradeVISA", "L05-01", "ลาวสตาร์", "LA"),
    game("settradeVISA", "L05-02", "ลาวสามัคคี", "LA"),
    game("settradeVISA", "L05-03", "ลาวอาเซียน", ""),
    game("settradeVISA", "L05-04", "ลาวทีวี", ""),
    game("settradeVISA", "L05-05", "ลาว HD", ""),
    game("settradeVISA", "L05-06", "ลาวประตูชัย", ""),
    game("settradeVISA", "L05-07", "ลาวสันติภาพ", ""),
    game("settradeVISA", "L05-08", "ประชาชนลาว", "LA"),
    game("settradeVI", "L06-01-0001", "ฮานอยพิเศษ", "VN"),
    game("settradeVI", "L06-02-0001", "ฮานอยเฉพาะกิจ", ""),
    game("settradeVI", "L06-03-0001", "ฮานอยอาเซียน", ""),
    game("settradeVI", "L06-04-0001", "ฮานอย HD", ""),
    game("settradeVI", "L06-05-0001", "ฮานอยสตาร์", ""),
    game("settradeVI", "L06-06-0001", "ฮานอยทีวี", ""),
    game("settradeVI", "L06-07-0001", "ฮานอยกาชาด", "VN"),
    game("settradeVI", "L06-08-0001", "ฮานอยพัฒนา", ""),
    game("settradeHIT", "L09-001", "ลาวกาชาด", ""),
    game("settradeHIT", "L09-002", "ลาวรวมใจ", ""),
    game("settradeHIT", "L09-003", "ฮานอยสามัคคี", ""),
    game("settradeHIT", "L09-004", "แม่โขงเมกา", ""),
    game("settradeHIT", "L09-005", "แม่โขงพลัส", ""),
    game("settradeHIT", "L09-006", "แม่โขงโกลด์", ""),
    game("settradeHIT", "L09-007", "แม่โขงสเปเชียล", ""),
    game("settradeHIT", "L09-008", "แม่โขงทูเดย์", ""),
    game("settradeHIT", "L09-009", "ยี่กี รอบเที่ยง", ""),
    game("settradeHIT", "L09-010", "ยี่กี รอบค่ำ", ""),
];
